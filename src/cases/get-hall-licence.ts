import type { Caller } from '../contract/caller.ts'
import type { Answer, DisclosedLicence, Json } from '../contract/endpoint.ts'
import { type ErrorCode, GatewayError } from '../contract/error.ts'
import { setDeadlineMs } from '../halls/ask-set.ts'
import { askHalls } from './ask-halls.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import type { CaseWithItem } from './case-file.ts'
import { deedOfCase } from './check-materials.ts'
import { fetchMaterial } from './fetch-material.ts'
import { type FetchMaterialsDeps, hallMsOf, requireAssurance } from './fetch-materials.ts'
import type { Judgement } from './judge-material.ts'
import type { HallReason, MaterialReason } from './material-state.ts'

export type HallLicenceQuestion = CaseWithItem & {
  readonly caller: Caller
  readonly requestId: string
  readonly licenceId: string
}

/**
 * A hall's paper that the case has fetched before, asked for again under the rules of now. For any other
 * id no hall is asked, so that nobody makes the gateway ask by guessing.
 * @throws GatewayError licence_not_found, assurance_too_low, hall_error, hall_unavailable, hall_timeout.
 */
export const getHallLicence = async (
  deps: FetchMaterialsDeps,
  question: HallLicenceQuestion,
  assessed: readonly AssessedMaterial[],
): Promise<Answer> => {
  const { file, item, caller, requestId, licenceId } = question
  const before = deps.halls === undefined ? [] : await deps.listFetched(file.caseId)
  const code = before.find((fetched) => fetched.licenceId === licenceId)?.code ?? ''
  const inStock = assessed.filter(({ material }) => material.code === code)
  await requireAssurance(deps, file.assurance, inStock)
  const questions = {
    ...{ file, item, caller, requestId, wantsContent: true },
    waitMs: hallMsOf(setDeadlineMs),
    chosen: new Map([[code, licenceId]]),
  }
  const [entry] = await askHalls(deps, questions, inStock)
  if (entry === undefined) throw new GatewayError('licence_not_found')
  const { shown, disclosed } = await fetchMaterial(deps, entry, licenceId)
  if (disclosed?.licenceId !== licenceId) throw refusalOf(entry.judgement, deps.clock.now())
  return answer(question, code, shown, disclosed)
}

const answer = (
  { file, item }: CaseWithItem,
  material: string,
  { licence = null, state = null, reason = null }: { readonly [member: string]: Json },
  disclosed: DisclosedLicence,
): Answer => ({
  status: 200,
  data: { ...(isObject(licence) ? licence : {}), material, state, reason },
  deed: {
    ...deedOfCase(file, item),
    action: 'licence.read',
    decision: 'allowed',
    licences: [disclosed],
    detail: { material },
  },
})

const isObject = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is no failure of the hall is absence, whatever the hall knows. */
const refusalOf = ({ reason, hall }: Judgement, now: Date): GatewayError => {
  const code = codeOfReason.get(reason) ?? 'licence_not_found'
  if (hall === undefined || code === 'licence_not_found') return new GatewayError(code)
  const retryAfterMs = hall.retryAt && Math.max(0, hall.retryAt.getTime() - now.getTime())
  return new GatewayError(code, undefined, {
    source: `hall:${hall.hallId}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

const codeOfReason: ReadonlyMap<MaterialReason, ErrorCode> = new Map<HallReason, ErrorCode>([
  ['hall_timeout', 'hall_timeout'],
  ['hall_pending', 'hall_timeout'],
  ['hall_unreachable', 'hall_unavailable'],
  ['hall_busy', 'hall_unavailable'],
  ['hall_maintenance', 'hall_unavailable'],
  ['hall_unauthorised', 'hall_error'],
  ['hall_rejected', 'hall_error'],
  ['hall_malformed', 'hall_error'],
  ['hall_expired', 'hall_error'],
])
