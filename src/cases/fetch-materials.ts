import type { ServiceItem } from '../catalogue/service-item.ts'
import type { Caller } from '../contract/caller.ts'
import type { Answer, Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type FetchId, asId } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import { setDeadlineMs } from '../halls/ask-set.ts'
import { askHalls } from './ask-halls.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import type { Assurance, CaseFile } from './case-file.ts'
import { type CheckMaterialsDeps, deedOfCase } from './check-materials.ts'
import { type Fetched, fetchMaterial, type FetchMaterialDeps } from './fetch-material.ts'
import { getUsableCase } from './get-usable-case.ts'
import { lookAgain } from './look-again.ts'

export type FetchMaterialsDeps = CheckMaterialsDeps & FetchMaterialDeps

export type FetchAnswer = Answer & {
  readonly fetchId: FetchId
  readonly file: CaseFile
  /** The answer with references where content of the stock stands; see restoreFetch. */
  readonly record: Json
  /** The materials whose content the answer holds. */
  readonly fetched: readonly { readonly code: string; readonly licenceId: string }[]
}

export type WantedMaterial = { readonly code: string; readonly licenceId?: string }

export type FetchInput = {
  readonly caseId: string
  readonly materials: readonly WantedMaterial[]
  /** How long halls may take, all together; at most 8 s. */
  readonly waitMs?: number
  readonly requestId?: string
}

/** Kept back of the caller's patience, so that the answer itself is there in time: judged, signed, filed. */
const filingMs = 150

/** Of a caller's patience what the halls may use. */
export const hallMsOf = (waitMs: number): number =>
  waitMs > 10 * filingMs ? waitMs - filingMs : waitMs

/**
 * Fetches the wanted materials with their content inline: only the fields that the material needs and
 * the grant allows, in the issuing department's own signature.
 * @throws GatewayError case_not_found, case_closed, item_does_not_need_type, assurance_too_low.
 */
export const fetchMaterials = async (
  deps: FetchMaterialsDeps,
  caller: Caller,
  input: FetchInput,
): Promise<FetchAnswer> => {
  const startedMs = deps.clock.now().getTime()
  const file = await getUsableCase(deps, caller, input.caseId)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const codes = input.materials.map(({ code }) => code)
  const at = deps.clock.now()
  const wantedStock = { codes, toOpen: true }
  const inStock = await assessMaterials(deps, { file, item }, wantedStock)
  await requireAssurance(deps, file.assurance, inStock)
  const wanted = new Map(input.materials.map((want) => [want.code, want.licenceId]))
  const { requestId = '', waitMs = setDeadlineMs } = input
  const questions = {
    ...{ file, item, caller, requestId, wantsContent: true, chosen: wanted },
    waitMs: Math.max(0, hallMsOf(waitMs) - (deps.clock.now().getTime() - startedMs)),
  }
  const answered = await askHalls(deps, questions, inStock)
  const first = { file, item, wanted: wantedStock, at, inStock }
  const assessed = await lookAgain(deps, caller, first, answered)
  const fetched = await Promise.all(
    assessed.map((entry) => fetchMaterial(deps, entry, wanted.get(entry.material.code))),
  )
  const fetchId = asId<FetchId>(newUuidV7(deps.clock.now().getTime(), deps.randomBytes))
  return answer({ file, item, fetchId, fetched })
}

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
    status: isNothingYet(fetched) ? 202 : 200,
    data: { fetchId, complete, materials: fetched.map(({ shown }) => shown) },
    deed: {
      ...deedOfCase(file, item),
      action: 'case.fetch',
      decision: licences.length === fetched.length ? 'allowed' : 'partial',
      licences,
      detail: { fetchId, materials: fetched.map(({ evidence }) => evidence) },
    },
    fetchId,
    file,
    record: { fetchId, complete, materials: fetched.map(({ kept }) => kept) },
    fetched: fetched.flatMap(({ shown, disclosed }) =>
      disclosed === undefined ? [] : [{ code: shown.code, licenceId: disclosed.licenceId }],
    ),
  } as const
}

/** Everything that was asked for is still on its way. */
const isNothingYet = (fetched: readonly Fetched[]): boolean =>
  fetched.some(({ state }) => state === 'pending') && fetched.every(({ final }) => !final)
