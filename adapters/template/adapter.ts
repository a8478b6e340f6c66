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
  type FindOutcome,
  type HallQuery,
  type OpenAdapter,
} from '../../src/halls/adapter.ts'
import { decodeAnswer, decodeLicences, encodeQuestion } from './messages.ts'
import { tables } from './tables.ts'

const settingsSchema = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  tls: tlsSettings.optional(),
  maxSockets: z.number().int().min(1).max(256).default(8),
  apiKey: secretSetting,
})

type Line = {
  readonly setup: AdapterSetup
  readonly exchange: Exchange
  readonly apiKey: string
}

/** The least that an adapter is: copy this folder and put your department's shape into it. */
export const openTemplate: OpenAdapter = async (setup) => {
  const { baseUrl, tls, maxSockets, apiKey } = parseSettings(
    setup.hallId,
    settingsSchema,
    setup.settings,
  )
  const exchange = await setup.openExchange({ baseUrl, tls, maxSockets })
  const line: Line = { setup, exchange, apiKey: (await setup.readSecret(apiKey)).reveal() }
  return {
    typeCodes: [...tables.keys()],
    canRepeatFind: () => true,
    find: (query, { signal }) => find(line, query, signal),
    fetch: async (ref, query, { signal }) => {
      const outcome = await find(line, query, signal)
      if (outcome.state !== 'found') return outcome
      const licence = outcome.candidates.find((candidate) => candidate.ref === ref)?.licence
      return licence === undefined
        ? { state: 'none', because: 'absent' }
        : { state: 'licence', licence }
    },
    probe: async (signal) => {
      const answer = await ask(line, '/health', Buffer.from('{}'), signal)
      return 'bytes' in answer ? { state: 'up' } : answer
    },
    feed: async (_, signal) => {
      const answer = await ask(line, '/health', Buffer.from('{}'), signal)
      if (!('bytes' in answer)) return answer
      const asOf = cityTimeOf(setup.clock.now())
      return {
        state: 'business',
        business: { asOf, accepted: 0, finished: 0, overdue: 0, queues: [] },
      }
    },
    close: async () => {
      exchange.close()
    },
  }
}

const ask = async (
  { exchange, apiKey }: Line,
  path: string,
  body: Uint8Array,
  signal: AbortSignal,
) => {
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey }
  const answer = await exchange.send({ method: 'POST', path, headers, body, signal })
  if (!answer.ok) return failed(answer.kind, answer.cause)
  return failureOfStatus(answer.status) ?? answer
}

const find = async (line: Line, query: HallQuery, signal: AbortSignal): Promise<FindOutcome> => {
  const { typeCode, holder } = query
  if (!tables.has(typeCode)) return unasked('type_not_offered', 'no_table')
  const sequence = Buffer.from(line.setup.random(8)).toString('hex')
  const sent = await ask(line, '/query', encodeQuestion(sequence, query), signal)
  if (!('bytes' in sent)) return sent
  const answer = decodeAnswer(sent.bytes, sequence)
  if (answer.state !== 'rows') return answer
  const { clock, digestName } = line.setup
  const asOf = cityTimeOf(clock.now())
  const { bytes } = sent
  const decoded = decodeLicences(answer.rows, { typeCode, bytes, asOf, digestName })
  return decoded.state === 'failed' ? decoded : judgeAnswer(decoded.licences, holder)
}
