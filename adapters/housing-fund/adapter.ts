import { z } from 'zod'
import { cityTimeOf } from '../../src/contract/clock.ts'
import {
  failed,
  failureOfStatus,
  judgeAnswer,
  none,
  parseSettings,
  secretSetting,
  tlsSettings,
  unasked,
  type AdapterSetup,
  type Exchange,
  type Failed,
  type FeedOutcome,
  type FetchOutcome,
  type Fields,
  type FindOutcome,
  type HallContext,
  type HallQuery,
  type None,
  type OpenAdapter,
  type XmlNode,
} from '../../src/halls/adapter.ts'
import {
  decodeAnswer,
  decodeBusiness,
  decodeLicences,
  encodeRequest,
  type FundHead,
} from './messages.ts'
import { heartbeat, supervision, transactions } from './tables.ts'

const settingsSchema = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  tls: tlsSettings.optional(),
  maxSockets: z.number().int().min(1).max(256).default(32),
  path: z.string().startsWith('/').default('/gjj/trans'),
  appid: z.string().min(1).max(32),
  secretKey: secretSetting,
})

type Hall = {
  readonly setup: AdapterSetup
  readonly settings: z.output<typeof settingsSchema>
  readonly exchange: Exchange
  readonly secretKey: string
}
type Answer = { readonly state: 'body'; readonly body: XmlNode; readonly bytes: Uint8Array }

/** Housing fund, by transaction messages (README.md of this folder). */
export const openHousingFund: OpenAdapter = async (setup) => {
  const settings = parseSettings(setup.hallId, settingsSchema, setup.settings)
  const { baseUrl, tls, maxSockets } = settings
  const secretKey = (await setup.readSecret(settings.secretKey)).reveal()
  const exchange = await setup.openExchange({ baseUrl, tls, maxSockets })
  const hall: Hall = { setup, settings, exchange, secretKey }
  return {
    typeCodes: [...transactions.keys()],
    canRepeatFind: () => true,
    find: (query, ctx) => find(hall, query, ctx),
    fetch: (ref, query, ctx) => fetchOne(hall, ref, query, ctx),
    probe: async (signal) => {
      const answer = await ask(hall, heartbeat, {}, signal)
      return answer.state === 'failed' ? answer : { state: 'up' }
    },
    feed: (since, signal) => feed(hall, since, signal),
    close: async () => {
      exchange.close()
    },
  }
}

const find = async (hall: Hall, query: HallQuery, ctx: HallContext): Promise<FindOutcome> => {
  const transaction = transactions.get(query.typeCode)
  if (transaction === undefined) return unasked('type_not_offered', 'no_transaction')
  const { idType, id, name } = query.holder
  if (idType !== '111') return { ...none('absent'), isUnasked: true }
  const items = { grxm: name, zjlx: '01', zjhm: id, czybh: ctx.operator.id, ywbh: ctx.caseNo }
  const answer = await ask(hall, transaction.transaction, items, ctx.signal)
  if (answer.state !== 'body') return answer
  const { typeCode } = query
  const { clock, digestName } = hall.setup
  const asOf = cityTimeOf(clock.now())
  const { body, bytes } = answer
  const decoded = decodeLicences(body, { typeCode, bytes, asOf, digestName })
  return decoded.state === 'failed' ? decoded : judgeAnswer(decoded.licences, query.holder)
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
  const answer = await ask(hall, supervision, { qssj: compactTime(since) }, signal)
  if (answer.state === 'none') return failed('malformed', 'business_missing')
  if (answer.state !== 'body') return answer
  const business = decodeBusiness(answer.body, cityTimeOf(hall.setup.clock.now()))
  return 'state' in business ? business : { state: 'business', business }
}

/** One transaction; a sequence number that the fund has seen before is replaced, once. */
const ask = async (
  hall: Hall,
  trancode: string,
  items: Fields,
  signal: AbortSignal,
): Promise<Answer | None | Failed> => {
  const first = await askOnce(hall, trancode, items, signal)
  if (first.state !== 'sequence_reused') return first
  const second = await askOnce(hall, trancode, items, signal)
  return second.state === 'sequence_reused' ? failed('unreachable', 'sequence_reused') : second
}

const askOnce = async (
  hall: Hall,
  trancode: string,
  items: Fields,
  signal: AbortSignal,
): Promise<Answer | None | Failed | { readonly state: 'sequence_reused' }> => {
  const head = newHead(hall, trancode)
  const answer = await hall.exchange.send({
    method: 'POST',
    path: hall.settings.path,
    headers: { 'content-type': 'application/xml; charset=GBK' },
    body: encodeRequest(hall.secretKey, head, items),
    signal,
  })
  if (!answer.ok) return failed(answer.kind, answer.cause)
  const refused = failureOfStatus(answer.status)
  if (refused !== undefined) return refused
  const decoded = decodeAnswer(answer.bytes, head.iseqno)
  return decoded.state === 'body' ? { ...decoded, bytes: answer.bytes } : decoded
}

/** The number is the time and eight random digits: nodes and restarts need not agree on a counter. */
const newHead = ({ setup, settings }: Hall, trancode: string): FundHead => {
  const time = compactTime(setup.clock.now())
  const tail = Buffer.from(setup.random(6)).readUIntBE(0, 6) % 100_000_000
  return {
    trancode,
    appid: settings.appid,
    iseqno: time + String(tail).padStart(8, '0'),
    trandate: time.slice(0, 8),
    trantime: time.slice(8),
  }
}

const compactTime = (instant: Date): string => cityTimeOf(instant).slice(0, 19).replace(/\D/g, '')
