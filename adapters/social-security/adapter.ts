import { z } from 'zod'
import { cityTimeOf } from '../../src/contract/clock.ts'
import {
  failed,
  failureOfStatus,
  judgeAnswer,
  parseSettings,
  secretSetting,
  tlsSettings,
  unasked,
  type AdapterSetup,
  type Exchange,
  type Failed,
  type FeedOutcome,
  type FetchOutcome,
  type FindOutcome,
  type HallAdapter,
  type HallContext,
  type HallQuery,
  type JsonValue,
  type None,
  type OpenAdapter,
} from '../../src/halls/adapter.ts'
import {
  decodeAnswer,
  decodeBusiness,
  decodeLicences,
  encodeQuestion,
  envelopeHeaders,
  type Envelope,
} from './messages.ts'
import {
  isSecret,
  makeSecretKeeper,
  type PlatformSecret,
  type SecretKeeper,
} from './secret-keeper.ts'
import { tables } from './tables.ts'

const settingsSchema = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  tls: tlsSettings.optional(),
  maxSockets: z.number().int().min(1).max(256).default(32),
  /** Who we are on the platform. */
  rid: z.string().min(1).max(64),
  headerPrefix: z
    .string()
    .regex(/^[a-z0-9_-]*$/)
    .default('gjgxjhpt_'),
  appKey: secretSetting,
  refreshPath: z.string().startsWith('/').default('/auth/refresh'),
  /** Service id on the platform by licence type code. */
  services: z.record(z.string().regex(/^[0-9A-Z]{21}$/), z.string().min(1)),
  heartbeatSid: z.string().min(1),
  businessSid: z.string().min(1),
})

type Line = {
  readonly setup: AdapterSetup
  readonly settings: z.output<typeof settingsSchema>
  readonly exchange: Exchange
  readonly secrets: SecretKeeper
}
type Answer = { readonly state: 'data'; readonly data: JsonValue; readonly bytes: Uint8Array }

/** Social security, through the share platform (README.md of this folder). */
export const openSocialSecurity: OpenAdapter = async (setup) => {
  const settings = parseSettings(setup.hallId, settingsSchema, setup.settings)
  const { baseUrl, tls, maxSockets, headerPrefix, refreshPath } = settings
  const appKey = (await setup.readSecret(settings.appKey)).reveal()
  const exchange = await setup.openExchange({ baseUrl, tls, maxSockets })
  const nowMs = (): number => setup.clock.now().getTime()
  const envelope = (sid: string): Envelope => ({ rid: settings.rid, sid, rtimeMs: nowMs() })
  const secrets = makeSecretKeeper({ exchange, appKey, headerPrefix, refreshPath, envelope, nowMs })
  return makeAdapter({ setup, settings, exchange, secrets })
}

const makeAdapter = (line: Line): HallAdapter => ({
  typeCodes: Object.keys(line.settings.services).filter((code) => tables.has(code)),
  canRepeatFind: () => true,
  find: (query, ctx) => find(line, query, ctx),
  fetch: (ref, query, ctx) => fetchOne(line, ref, query, ctx),
  probe: async (signal) => {
    const answer = await ask(line, line.settings.heartbeatSid, emptyQuestion, signal)
    return answer.state === 'failed' ? answer : { state: 'up' }
  },
  feed: (since, signal) => feed(line, since, signal),
  close: async () => {
    line.exchange.close()
  },
})

const find = async (line: Line, query: HallQuery, ctx: HallContext): Promise<FindOutcome> => {
  const sid = line.settings.services[query.typeCode]
  if (sid === undefined) return unasked('type_not_offered', 'no_service')
  const question = (sequence: string): Buffer =>
    encodeQuestion({ sequence, query, operatorId: ctx.operator.id, caseNo: ctx.caseNo })
  const answer = await ask(line, sid, question, ctx.signal)
  if (answer.state !== 'data') return answer
  const { typeCode } = query
  const { clock, digestName } = line.setup
  const asOf = cityTimeOf(clock.now())
  const { data, bytes } = answer
  const decoded = decodeLicences(data, { typeCode, bytes, asOf, digestName })
  return decoded.state === 'failed' ? decoded : judgeAnswer(decoded.licences, query.holder)
}

const fetchOne = async (
  line: Line,
  ref: string,
  query: HallQuery,
  ctx: HallContext,
): Promise<FetchOutcome> => {
  const outcome = await find(line, query, ctx)
  if (outcome.state !== 'found') return outcome
  const licence = outcome.candidates.find((candidate) => candidate.ref === ref)?.licence
  return licence === undefined
    ? { state: 'none', because: 'absent' }
    : { state: 'licence', licence }
}

const feed = async (line: Line, since: Date, signal: AbortSignal): Promise<FeedOutcome> => {
  const question = (sequence: string): Buffer =>
    Buffer.from(JSON.stringify({ head: { seq: sequence }, param: { since: since.getTime() } }))
  const answer = await ask(line, line.settings.businessSid, question, signal)
  if (answer.state === 'none') return failed('malformed', 'business_missing')
  if (answer.state !== 'data') return answer
  const business = decodeBusiness(answer.data, cityTimeOf(line.setup.clock.now()))
  return 'state' in business ? business : { state: 'business', business }
}

const emptyQuestion = (sequence: string): Buffer =>
  Buffer.from(JSON.stringify({ head: { seq: sequence }, param: {} }))

/** One service call; a secret that was rotated in the meantime is fetched again, once. */
const ask = async (
  line: Line,
  sid: string,
  question: (sequence: string) => Buffer,
  signal: AbortSignal,
): Promise<Answer | None | Failed> => {
  const secret = await line.secrets.current(signal)
  if (!isSecret(secret)) return secret
  const first = await askWith(line, secret, sid, question, signal)
  if (first.state !== 'secret_stale') return first
  const fresh = await line.secrets.current(signal, secret)
  if (!isSecret(fresh)) return fresh
  const second = await askWith(line, fresh, sid, question, signal)
  return second.state === 'secret_stale' ? failed('unauthorised', 'secret_refused') : second
}

const askWith = async (
  { setup, settings, exchange }: Line,
  secret: PlatformSecret,
  sid: string,
  question: (sequence: string) => Buffer,
  signal: AbortSignal,
): Promise<Answer | None | Failed | { readonly state: 'secret_stale' }> => {
  const sequence = Buffer.from(setup.random(12)).toString('hex')
  const envelope = { rid: settings.rid, sid, rtimeMs: setup.clock.now().getTime() }
  const answer = await exchange.send({
    method: 'POST',
    path: `/share/${encodeURIComponent(sid)}`,
    headers: envelopeHeaders(settings.headerPrefix, envelope, secret.text),
    body: question(sequence),
    signal,
  })
  if (!answer.ok) return failed(answer.kind, answer.cause)
  const refused = failureOfStatus(answer.status)
  if (refused !== undefined) return refused
  const decoded = decodeAnswer(answer.bytes, sequence)
  return decoded.state === 'data' ? { ...decoded, bytes: answer.bytes } : decoded
}
