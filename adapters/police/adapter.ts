import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { cityTimeOf } from '../../src/contract/clock.ts'
import {
  failed,
  judgeAnswer,
  parseSettings,
  secretSetting,
  textOf,
  tlsSettings,
  unasked,
  type AdapterSetup,
  type Failed,
  type FeedOutcome,
  type FetchOutcome,
  type FindOutcome,
  type HallAdapter,
  type HallContext,
  type HallQuery,
  type OpenAdapter,
  type Pending,
} from '../../src/halls/adapter.ts'
import {
  decodeApplyState,
  decodeBusiness,
  decodeLicences,
  serviceVersions,
  waitMsOf,
  type Clerk,
} from './messages.ts'
import { businesses, type PoliceBusiness } from './tables.ts'
import { openService, type PoliceService, type ServiceResult } from './service.ts'

const settingsSchema = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  tls: tlsSettings.optional(),
  maxSockets: z.number().int().min(1).max(256).default(32),
  version: z.enum(serviceVersions),
  servicePath: z.string().startsWith('/').default('/services/RequestService'),
  appName: z.string().min(1).max(64),
  password: secretSetting,
  /** JSON `{operatorId: idNumber}`; the police knows clerks by their own identity card. */
  clerks: secretSetting.optional(),
  /** Where the clerks sit, named in every call. */
  address: z.string().min(1).max(100),
  typeCodes: z.array(z.string().regex(/^[0-9A-Z]{21}$/)).min(1),
  /** How long a find waits for an application before it answers `pending`. */
  inlineWaitMs: z.number().int().min(0).max(8_000).default(1_500),
})

type Hall = {
  readonly setup: AdapterSetup
  readonly settings: z.output<typeof settingsSchema>
  readonly service: PoliceService
  readonly clerks: Readonly<Record<string, string>>
}

/** Police request service; one adapter serves both police halls (README.md of this folder). */
export const openPolice: OpenAdapter = async (setup) => {
  const settings = parseSettings(setup.hallId, settingsSchema, setup.settings)
  const password = (await setup.readSecret(settings.password)).reveal()
  const clerks = await readClerks(setup, settings)
  const service = await openService({ ...settings, setup, password })
  return makeAdapter({ setup, settings, service, clerks })
}

const readClerks = async (
  { hallId, readSecret }: AdapterSetup,
  { clerks }: z.output<typeof settingsSchema>,
): Promise<Readonly<Record<string, string>>> => {
  if (clerks === undefined) return {}
  const file = z.record(z.string(), z.string().regex(/^\d{17}[\dX]$/))
  const text = (await readSecret(clerks)).reveal()
  return parseSettings(hallId, z.preprocess(toJson, file), text)
}

const toJson = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const makeAdapter = (hall: Hall): HallAdapter => ({
  typeCodes: hall.settings.typeCodes.filter((code) => businesses.has(code)),
  canRepeatFind: (typeCode) => businesses.get(typeCode)?.mode === 'check',
  find: (query, ctx) => find(hall, query, ctx),
  fetch: (ref, query, ctx) => fetchOne(hall, ref, query, ctx),
  probe: async (signal) => {
    const answer = await hall.service.ask({ business: 'HEARTBEAT', condition: {} }, signal)
    return answer.state === 'failed' ? answer : { state: 'up' }
  },
  feed: (since, signal) => feed(hall, since, signal),
  close: hall.service.close,
})

const find = async (hall: Hall, query: HallQuery, ctx: HallContext): Promise<FindOutcome> => {
  const business = businesses.get(query.typeCode)
  if (business === undefined || !hall.settings.typeCodes.includes(query.typeCode))
    return unasked('type_not_offered', 'no_business')
  const clerk = clerkOf(hall, ctx)
  if (clerk === undefined) return unasked('operator_unknown', 'clerk_unknown')
  const call = { hall, business, clerk, query, ctx }
  return business.mode === 'check' ? check(call) : applyAndWait(call)
}

type Call = {
  readonly hall: Hall
  readonly business: PoliceBusiness
  readonly clerk: Clerk
  readonly query: HallQuery
  readonly ctx: HallContext
}

const clerkOf = ({ settings, clerks }: Hall, { operator }: HallContext): Clerk | undefined => {
  const idNumber = operator.idNumber ?? clerks[operator.id]
  if (idNumber === undefined) return undefined
  const { name, organisationCode, window } = operator
  const address = window === undefined ? settings.address : `${settings.address} ${window}`
  return { idNumber, name, departmentCode: organisationCode, address }
}

const check = async (call: Call): Promise<FindOutcome> => {
  const answer = await ask(call, `${call.business.business}-CHECK`, conditionOf(call.query))
  return answer.state === 'result' ? judge(call, answer) : answer
}

const conditionOf = ({ holder }: HallQuery): Readonly<Record<string, string>> => ({
  GMSFHM: holder.id,
  XM: holder.name,
})

const ask = (
  { hall, clerk, ctx }: Call,
  business: string,
  condition: Readonly<Record<string, string>>,
) => hall.service.ask({ business, clerk, caseNo: ctx.caseNo, condition }, ctx.signal)

const judge = ({ hall, query }: Call, { result, bytes }: ServiceResult): FindOutcome => {
  const { typeCode } = query
  const { clock, digestName } = hall.setup
  const asOf = cityTimeOf(clock.now())
  const decoded = decodeLicences(result, { typeCode, bytes, asOf, digestName })
  return decoded.state === 'failed' ? decoded : judgeAnswer(decoded.licences, query.holder)
}

const applyAndWait = async (call: Call): Promise<FindOutcome> => {
  const { query, business, hall } = call
  if (query.ticket !== undefined) return response(call, query.ticket)
  const answer = await ask(call, `${business.business}-APPLY`, conditionOf(query))
  if (answer.state !== 'result') return answer
  const ticket = textOf(answer.result, 'ApplyNo')
  if (ticket === undefined || !/^[\w-]{1,64}$/.test(ticket))
    return failed('malformed', 'apply_no_missing')
  return waitFor(call, ticket, hall.settings.inlineWaitMs, waitMsOf(answer.result))
}

/** Asks again at growing intervals; once applied, a deadline ends in `pending`, never in a loss. */
const waitFor = async (
  call: Call,
  ticket: string,
  budgetMs: number,
  firstWaitMs: number,
): Promise<FindOutcome> => {
  const { clock } = call.hall.setup
  const startedMs = clock.now().getTime()
  let pauseMs = Math.min(Math.max(firstWaitMs, 50), 150)
  let last: Pending = pendingIn(call, ticket, firstWaitMs)
  while (clock.now().getTime() - startedMs + pauseMs < budgetMs) {
    const slept = await sleep(pauseMs, call.ctx.signal)
    const outcome = slept ? await response(call, ticket) : last
    if (isLost(outcome) || !slept) return last
    if (outcome.state !== 'pending') return outcome
    last = outcome
    pauseMs *= 2
  }
  return last
}

const sleep = async (ms: number, signal: AbortSignal): Promise<boolean> =>
  delay(ms, true, { signal }).catch(() => false)

/** A line that broke or a deadline that passed while waiting: the application itself still stands. */
const isLost = (outcome: FindOutcome): boolean =>
  outcome.state === 'failed' &&
  outcome.cause !== 'apply_failed' &&
  ['timeout', 'busy', 'unreachable'].includes(outcome.kind)

const pendingIn = ({ hall }: Call, ticket: string, waitMs: number): Pending => {
  const retryMs = Math.max(waitMs, 500)
  return { state: 'pending', ticket, retryAt: new Date(hall.setup.clock.now().getTime() + retryMs) }
}

const response = async (call: Call, ticket: string): Promise<FindOutcome> => {
  const condition = { ApplyNo: ticket, ...conditionOf(call.query) }
  const answer = await ask(call, `${call.business.business}-RESPONSE`, condition)
  if (answer.state !== 'result') return answer
  const applied = decodeApplyState(answer.result)
  if (applied.state === 'failed') return applied
  return applied.state === 'ready' ? judge(call, answer) : pendingIn(call, ticket, applied.waitMs)
}

const fetchOne = async (
  hall: Hall,
  ref: string,
  query: HallQuery,
  ctx: HallContext,
): Promise<FetchOutcome> => {
  const outcome = await find(hall, query, ctx)
  if (outcome.state !== 'found') return outcome
  const licence = outcome.candidates.find((candidate) => candidate.ref === ref)?.licence
  return licence === undefined
    ? { state: 'none', because: 'absent' }
    : { state: 'licence', licence }
}

const feed = async (hall: Hall, since: Date, signal: AbortSignal): Promise<FeedOutcome> => {
  const condition = { Since: cityTimeOf(since) }
  const answer = await hall.service.ask({ business: 'SUPERVISION', condition }, signal)
  if (answer.state !== 'result')
    return answer.state === 'none' ? failed('malformed', 'business_missing') : answer
  const business: ReturnType<typeof decodeBusiness> | Failed = decodeBusiness(
    answer.result,
    cityTimeOf(hall.setup.clock.now()),
  )
  return 'state' in business ? business : { state: 'business', business }
}
