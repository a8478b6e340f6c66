import { type SelectedMaterial, selectMaterials } from '../catalogue/select-materials.ts'
import type { Material, ServiceItem } from '../catalogue/service-item.ts'
import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { ClientId } from '../contract/ids.ts'
import type { Licence } from '../licences/licence.ts'
import type { CaseFile, Subject } from './case-file.ts'
import { type Judgement, judgeMaterial } from './judge-material.ts'
import { type MaterialOwners, ownersOf } from './owners-of.ts'

/** An active grant: which type a client may use for an item, and which fields at most. */
export type UsableGrant = {
  readonly typeCode: string
  /** null = every field that the material asks for. */
  readonly fields: readonly string[] | null
}

export type LicenceQuery = { readonly holder: Subject; readonly typeCode: string }

export type AssessDeps = {
  readonly clock: Clock
  readonly findGrants: (clientId: ClientId, item: ServiceItem) => Promise<readonly UsableGrant[]>
  /** One list of licences a query, in order; the holder's name is compared where the licences are kept. */
  readonly findLicences: (
    queries: readonly LicenceQuery[],
  ) => Promise<readonly (readonly Licence[])[]>
}

export type AssessedMaterial = {
  readonly material: Material
  readonly judgement: Judgement
  /** The fields that may be disclosed: what the material needs, cut to what the grant allows. */
  readonly disclosable: readonly string[]
}

/**
 * Judges the wanted materials of a case (all of them when `codes` is undefined), in the item's order.
 * @throws GatewayError item_does_not_need_type when a code is not one of the item's materials.
 */
export const assessMaterials = async (
  deps: AssessDeps,
  { file, item }: { readonly file: CaseFile; readonly item: ServiceItem },
  codes?: readonly string[],
): Promise<readonly AssessedMaterial[]> => {
  requireMaterialsOfItem(item, codes ?? [])
  const selected = selectMaterials(item, file.people.facts).filter(
    ({ material }) => codes?.includes(material.code) ?? true,
  )
  const grants = new Map(
    (await deps.findGrants(file.clientId, item)).map((grant) => [grant.typeCode, grant]),
  )
  const prepared = selected.map((choice) => prepare(choice, file, grants))
  const found = await deps.findLicences(prepared.flatMap(({ queries }) => queries))
  let next = 0
  return prepared.map((entry) => {
    const licences = found.slice(next, next + entry.queries.length).flat()
    next += entry.queries.length
    return {
      material: entry.material,
      disclosable: entry.disclosable,
      judgement: judgeMaterial({ ...entry, licences: unique(licences) }, deps.clock.cityDate()),
    }
  })
}

type Prepared = MaterialOwners &
  SelectedMaterial & {
    readonly granted: boolean
    readonly disclosable: readonly string[]
    readonly queries: readonly LicenceQuery[]
  }

const prepare = (
  { material, needed }: SelectedMaterial,
  file: CaseFile,
  grants: ReadonlyMap<string, UsableGrant>,
): Prepared => {
  const owners = ownersOf(material.role, file.people)
  const grant = material.typeCode === null ? undefined : grants.get(material.typeCode)
  const { typeCode } = material
  const askable = needed && grant !== undefined && owners.mayBeSeen && typeCode !== null
  return {
    ...owners,
    material,
    needed,
    granted: grant !== undefined,
    disclosable: material.fields.filter((field) => grant?.fields?.includes(field) ?? true),
    queries: askable ? owners.owners.map((holder) => ({ holder, typeCode })) : [],
  }
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

const unique = (licences: readonly Licence[]): readonly Licence[] => [
  ...new Map(licences.map((licence) => [licence.licenceId, licence])).values(),
]
