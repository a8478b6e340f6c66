import { type SelectedMaterial, selectMaterials } from '../catalogue/select-materials.ts'
import type { Material, ServiceItem } from '../catalogue/service-item.ts'
import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { ClientId } from '../contract/ids.ts'
import type { FoundLicence } from '../licences/licence-store.ts'
import { licenceState } from '../licences/licence-state.ts'
import type { CaseFile, Subject } from './case-file.ts'
import { type Hold, type Judgement, judgeMaterial } from './judge-material.ts'
import { type MaterialOwners, ownersOf } from './owners-of.ts'

/** An active grant: which type a client may use for an item, and which fields at most. */
export type UsableGrant = {
  readonly typeCode: string
  /** null = every field that the material asks for. */
  readonly fields: readonly string[] | null
}

export type LicenceQuery = { readonly holder: Subject; readonly typeCode: string }

/** What a clerk reads off a third party's paper, to have it matched. */
export type MaterialMatch = {
  readonly code: string
  readonly number: string
  readonly address: string
}

/** Whether somebody's papers of a type are sealed by law, or objected to. */
export type FindHold = (holder: Subject, typeCode: string) => Promise<Hold | undefined>

export type AssessDeps = {
  readonly clock: Clock
  /** Without it nothing is held. */
  readonly findHold?: FindHold
  readonly findGrants: (clientId: ClientId, item: ServiceItem) => Promise<readonly UsableGrant[]>
  /** One list of licences a query, in order; the holder's name is compared where the licences are kept. */
  readonly findLicences: (
    queries: readonly LicenceQuery[],
    how?: { readonly toOpen?: boolean },
  ) => Promise<readonly (readonly FoundLicence[])[]>
  /** Whether a licence has this number and this address. */
  readonly agreesWith: (licence: FoundLicence, match: MaterialMatch) => Promise<boolean>
}

export type Wanted = {
  /** All materials of the item when undefined. */
  readonly codes?: readonly string[]
  readonly matches?: readonly MaterialMatch[]
  /** Their content will be asked for. */
  readonly toOpen?: boolean
}

export type AssessedMaterial = {
  readonly material: Material
  readonly judgement: Judgement
  /** The fields that may be disclosed: what the material needs, cut to what the grant allows. */
  readonly disclosable: readonly string[]
  /** In whose name a hall may be asked; none where stock may not be, either. */
  readonly holders: readonly Subject[]
  /** Set for a third party's paper, of which only the match may be told. */
  readonly onlyMatch: MaterialMatch | undefined
  /** Such a paper is as good as absent while it is held, wherever it lies. */
  readonly hold: Hold | undefined
}

/**
 * Judges the wanted materials of a case, in the item's order.
 * @throws GatewayError item_does_not_need_type when a code is not one of the item's materials.
 */
export const assessMaterials = async (
  deps: AssessDeps,
  { file, item }: { readonly file: CaseFile; readonly item: ServiceItem },
  { codes, matches = [], toOpen = false }: Wanted = {},
): Promise<readonly AssessedMaterial[]> => {
  requireMaterialsOfItem(item, codes ?? [])
  requireMaterialsOfItem(
    item,
    matches.map(({ code }) => code),
  )
  const selected = selectMaterials(item, file.people.facts).filter(
    ({ material }) => codes?.includes(material.code) ?? true,
  )
  const grants = await deps.findGrants(file.clientId, item)
  const prepared = selected.map((choice) => prepare(choice, file, { grants, matches }))
  const found = await deps.findLicences(
    prepared.flatMap(({ queries }) => queries),
    { toOpen },
  )
  let next = 0
  const withLicences = prepared.map((entry) => {
    const licences = found.slice(next, next + entry.queries.length).flat()
    next += entry.queries.length
    return { ...entry, licences: unique(licences) }
  })
  return Promise.all(withLicences.map((entry) => assess(deps, entry)))
}

type Prepared = MaterialOwners &
  SelectedMaterial & {
    readonly granted: boolean
    readonly disclosable: readonly string[]
    readonly match: MaterialMatch | undefined
    readonly queries: readonly LicenceQuery[]
  }

const prepare = (
  { material, needed }: SelectedMaterial,
  file: CaseFile,
  {
    grants,
    matches,
  }: { readonly grants: readonly UsableGrant[]; readonly matches: readonly MaterialMatch[] },
): Prepared => {
  const owners = ownersOf(material.role, file.people)
  const { typeCode } = material
  const grant = grants.find((each) => each.typeCode === typeCode)
  const match = matches.find(({ code }) => code === material.code)
  const mayBeAsked = owners.mayBeSeen || match !== undefined
  const askable = needed && grant !== undefined && mayBeAsked && typeCode !== null
  return {
    ...owners,
    material,
    needed,
    granted: grant !== undefined,
    disclosable: material.fields.filter((field) => grant?.fields?.includes(field) ?? true),
    match,
    queries: askable ? owners.owners.map((holder) => ({ holder, typeCode })) : [],
  }
}

const assess = async (
  { clock, agreesWith, findHold }: AssessDeps,
  entry: Prepared & { readonly licences: readonly FoundLicence[] },
): Promise<AssessedMaterial> => {
  const { material, disclosable, match, mayBeSeen, licences, queries } = entry
  const cityDate = clock.cityDate()
  const holders = queries.map(({ holder }) => holder)
  const hold = await holdOn(findHold, entry)
  const about = { material, disclosable, holders, hold, onlyMatch: mayBeSeen ? undefined : match }
  if (mayBeSeen || match === undefined)
    return { ...about, judgement: judgeMaterial({ ...entry, hold }, cityDate) }
  const usable = licences.filter((licence) => licenceState(licence, cityDate) === 'active')
  const agreed = await Promise.all(usable.map((licence) => agreesWith(licence, match)))
  const matched = hold === undefined && agreed.includes(true)
  return { ...about, judgement: judgeMaterial({ ...entry, matched }, cityDate) }
}

/** Sealed outranks objected to, whichever owner it is of. */
const holdOn = async (
  findHold: FindHold | undefined,
  { queries }: Prepared,
): Promise<Hold | undefined> => {
  if (findHold === undefined) return undefined
  const held = await Promise.all(queries.map(({ holder, typeCode }) => findHold(holder, typeCode)))
  return held.includes('sealed') ? 'sealed' : held.find((each) => each !== undefined)
}

const requireMaterialsOfItem = (item: ServiceItem, codes: readonly string[]): void => {
  const known = new Set(item.materials.map(({ code }) => code))
  const errors = codes.flatMap((code, place) =>
    known.has(code)
      ? []
      : [
          {
            pointer: `/materials/${String(place)}`,
            code: 'item_does_not_need_type',
            detail: '这个材料不在本事项的申请材料中',
          },
        ],
  )
  if (errors.length > 0) throw new GatewayError('item_does_not_need_type', undefined, { errors })
}

const unique = (licences: readonly FoundLicence[]): readonly FoundLicence[] => [
  ...new Map(licences.map((licence) => [licence.licenceId, licence])).values(),
]
