import type { ServiceItem } from '../catalogue/service-item.ts'
import type { Caller } from '../contract/caller.ts'
import { cityTimeOf } from '../contract/clock.ts'
import type { Answer, DisclosedLicence, Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type FetchId, type LicenceId, asId } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import type { LicenceType } from '../catalogue/licence-type.ts'
import type { Licence } from '../licences/licence.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import type { Assurance, CaseFile } from './case-file.ts'
import { type CheckMaterialsDeps, deedOfCase } from './check-materials.ts'
import { describeMaterial } from './describe-material.ts'
import { getUsableCase } from './get-usable-case.ts'
import type { Judgement } from './judge-material.ts'
import { isFinal } from './material-state.ts'

/** A licence with the disclosures that the case may see. */
export type PresentedLicence = {
  readonly sdJwt: string
  readonly fields: { readonly [key: string]: Json }
  readonly keyCustody: 'department' | 'gateway'
}

export type FetchMaterialsDeps = CheckMaterialsDeps & {
  readonly getType: (typeCode: string) => Promise<LicenceType>
  readonly presentLicence: (
    licenceId: LicenceId,
    fields: readonly string[],
  ) => Promise<PresentedLicence>
  /** The last four characters of the licence number, to tell two licences apart. */
  readonly numberTailOf: (licenceId: LicenceId) => Promise<string>
}

export type FetchAnswer = Answer & {
  readonly fetchId: FetchId
  readonly file: CaseFile
  /** The answer with references where content of the stock stands; see restoreFetch. */
  readonly record: Json
  /** The materials whose content the answer holds. */
  readonly fetched: readonly { readonly code: string; readonly licenceId: string }[]
}

export type WantedMaterial = { readonly code: string; readonly licenceId?: string }

/**
 * Fetches the wanted materials with their content inline: only the fields that the material needs and
 * the grant allows, in the issuing department's own signature.
 * @throws GatewayError case_not_found, case_closed, item_does_not_need_type, assurance_too_low.
 */
export const fetchMaterials = async (
  deps: FetchMaterialsDeps,
  caller: Caller,
  input: { readonly caseId: string; readonly materials: readonly WantedMaterial[] },
): Promise<FetchAnswer> => {
  const file = await getUsableCase(deps, caller, input.caseId)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const codes = input.materials.map(({ code }) => code)
  const assessed = await assessMaterials(deps, { file, item }, { codes })
  await requireAssurance(deps, file.assurance, assessed)
  const wanted = new Map(input.materials.map((want) => [want.code, want.licenceId]))
  const fetched = await Promise.all(
    assessed.map((entry) => fetchOne(deps, entry, wanted.get(entry.material.code))),
  )
  const fetchId = asId<FetchId>(newUuidV7(deps.clock.now().getTime(), deps.randomBytes))
  return answer({ file, item, fetchId, fetched })
}

type Shown = { readonly code: string; readonly [member: string]: Json }

type Fetched = {
  readonly shown: Shown
  /** The same without what can be put together again from the stock. */
  readonly kept: Shown
  readonly disclosed: DisclosedLicence | undefined
  readonly final: boolean
}

const fetchOne = async (
  deps: FetchMaterialsDeps,
  entry: AssessedMaterial,
  licenceId: string | undefined,
): Promise<Fetched> => {
  const judgement = choose(entry.judgement, licenceId)
  const [licence] = judgement.licences
  if (judgement.state === 'available' && licence !== undefined) {
    return present(deps, entry, licence)
  }
  const candidates =
    judgement.state === 'ambiguous'
      ? { candidates: await Promise.all(judgement.licences.map((each) => candidate(deps, each))) }
      : {}
  const shown = { ...line(entry, judgement), ...candidates }
  return {
    shown,
    kept: shown,
    disclosed: undefined,
    final: isFinal(judgement.state),
  }
}

/** A chosen licence must be one of the candidates; any other id is simply not found. */
const choose = (judgement: Judgement, licenceId: string | undefined): Judgement => {
  if (licenceId === undefined || judgement.licences.length === 0) return judgement
  const licences = judgement.licences.filter((licence) => licence.licenceId === licenceId)
  if (licences.length === 0) return { state: 'not_found', reason: 'no_record', licences }
  return judgement.state === 'ambiguous'
    ? { state: 'available', reason: 'in_stock', licences }
    : judgement
}

const present = async (
  deps: FetchMaterialsDeps,
  entry: AssessedMaterial,
  licence: Licence,
): Promise<Fetched> => {
  const { sdJwt, fields, keyCustody } = await deps.presentLicence(
    licence.licenceId,
    entry.disclosable,
  )
  const status = {
    status: licence.status,
    statusAsOf: cityTimeOf(licence.statusAsOf),
    statusSource: licence.statusSource,
  }
  const about = line(entry, { state: 'fetched', reason: 'in_stock', licences: [licence] })
  const names = Object.keys(fields)
  const reference = {
    licenceId: licence.licenceId,
    version: licence.version,
    ...status,
    attestedBy: 'department',
    keyCustody,
  }
  return {
    shown: { ...about, licence: { ...reference, sdJwt, fields } },
    kept: { ...about, licence: { ...reference, fields: names } },
    disclosed: {
      licenceId: licence.licenceId,
      version: licence.version,
      fields: names,
      ...status,
    },
    final: true,
  }
}

const line = ({ material }: AssessedMaterial, judgement: Judgement) => ({
  code: material.code,
  state: judgement.state,
  reason: judgement.reason,
  ...describeMaterial(material, judgement),
})

const candidate = async (deps: FetchMaterialsDeps, licence: Licence) => ({
  licenceId: licence.licenceId,
  numberTail: await deps.numberTailOf(licence.licenceId),
  issuedAt: licence.issuedAt,
})

const rank: Readonly<Record<Assurance, number>> = { asserted: 0, registered: 1, present: 2 }

/** Content needs the type's least assurance; existence does not. */
export const requireAssurance = async (
  { getType }: FetchMaterialsDeps,
  assurance: Assurance,
  assessed: readonly AssessedMaterial[],
): Promise<void> => {
  for (const { material } of assessed) {
    if (material.typeCode === null) continue
    const { minAssurance } = await getType(material.typeCode)
    if (rank[assurance] < rank[minAssurance]) throw new GatewayError('assurance_too_low')
  }
}

const answer = ({
  file,
  item,
  fetchId,
  fetched,
}: {
  readonly file: CaseFile
  readonly item: ServiceItem
  readonly fetchId: FetchId
  readonly fetched: readonly Fetched[]
}) => {
  const licences = fetched.flatMap(({ disclosed }) => (disclosed === undefined ? [] : [disclosed]))
  const complete = fetched.every(({ final }) => final)
  return {
    status: 200,
    data: { fetchId, complete, materials: fetched.map(({ shown }) => shown) },
    deed: {
      ...deedOfCase(file, item),
      action: 'case.fetch',
      decision: licences.length === fetched.length ? 'allowed' : 'partial',
      licences,
      detail: {
        fetchId,
        materials: fetched.map(({ shown }) => ({
          code: shown.code,
          state: shown['state'] ?? '',
        })),
      },
    },
    fetchId,
    file,
    record: { fetchId, complete, materials: fetched.map(({ kept }) => kept) },
    fetched: fetched.flatMap(({ shown, disclosed }) =>
      disclosed === undefined ? [] : [{ code: shown.code, licenceId: disclosed.licenceId }],
    ),
  } as const
}
