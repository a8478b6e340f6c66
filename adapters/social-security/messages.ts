import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import {
  buildLicence,
  digestText,
  failed,
  flatFields,
  foldNumber,
  isEchoOf,
  isList,
  isRecord,
  none,
  parseHallJson,
  type AnswerFacts,
  type Failed,
  type HallBusiness,
  type HallHolder,
  type HallLicence,
  type HallQuery,
  type JsonObject,
  type JsonValue,
  type None,
} from '../../src/halls/adapter.ts'
import { tables } from './tables.ts'

/** One call of the share platform: signed headers, JSON with an envelope. */
export type Envelope = { readonly rid: string; readonly sid: string; readonly rtimeMs: number }

/** Base64(HMAC-SHA256(secret, sid + rid + rtime)), the platform's signature. */
export const signEnvelope = (secret: string, { rid, sid, rtimeMs }: Envelope): string =>
  createHmac('sha256', secret)
    .update(sid + rid + String(rtimeMs))
    .digest('base64')

export const envelopeHeaders = (
  prefix: string,
  envelope: Envelope,
  secret: string,
): Readonly<Record<string, string>> => ({
  'content-type': 'application/json;charset=UTF-8',
  [`${prefix}rid`]: envelope.rid,
  [`${prefix}sid`]: envelope.sid,
  [`${prefix}rtime`]: String(envelope.rtimeMs),
  [`${prefix}sign`]: signEnvelope(secret, envelope),
})

export const refreshSid = 'refresh-secret'

const aesKey = (appKey: string): Uint8Array => createHash('sha256').update(appKey).digest()

/** The refresh answer's secret: AES-256-CBC under SHA-256(app key), the 16 bytes of IV in front. */
export const openSecret = (appKey: string, sealed: string): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.byteLength < 32) return undefined
  try {
    const decipher = createDecipheriv('aes-256-cbc', aesKey(appKey), bytes.subarray(0, 16))
    return decipher.update(bytes.subarray(16), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

/** Their document kinds for our holder code types. */
const documentKinds: Readonly<Record<string, string>> = { '111': '01', '001': '51', '414': '08' }
export const documentKindOf = (idType: string): string => documentKinds[idType] ?? '99'
export const idTypeOf = (kind: string): string =>
  Object.entries(documentKinds).find(([, theirs]) => theirs === kind)?.[0] ?? '999'

export type QuestionInput = {
  readonly sequence: string
  readonly query: HallQuery
  readonly operatorId: string
  readonly caseNo: string
}

export const encodeQuestion = ({ sequence, query, operatorId, caseNo }: QuestionInput): Buffer =>
  Buffer.from(
    JSON.stringify({
      head: { seq: sequence, operator: operatorId, caseNo },
      param: {
        AAC003: query.holder.name,
        AAC058: documentKindOf(query.holder.idType),
        AAC147: query.holder.id,
      },
    }),
  )

export type ShareAnswer =
  | { readonly state: 'data'; readonly data: JsonValue }
  | { readonly state: 'secret_stale' }
  | None
  | Failed

/**
 * The envelope of an answer. `data` may be JSON inside a string, which is read once more; success
 * without data, another call's sequence and unknown codes are malformed.
 */
export const decodeAnswer = (bytes: Uint8Array, sequence: string): ShareAnswer => {
  const parsed = parseHallJson(bytes)
  if (!parsed.ok) return failed('malformed', parsed.cause)
  const answer = parsed.value
  if (!isRecord(answer) || !isRecord(answer['head'])) return failed('malformed', 'head_missing')
  const { code: given, seq, until } = answer['head']
  if (!isEchoOf(sequence, seq, given === '0000'))
    return failed('malformed', 'answer_for_another_request')
  return given === '0000' ? decodeData(answer['data']) : outcomeOfCode(given, until)
}

const decodeData = (data: JsonValue | undefined): ShareAnswer => {
  if (data === undefined || data === null || data === '') return failed('malformed', 'data_missing')
  if (typeof data !== 'string') return { state: 'data', data }
  const inner = parseHallJson(data)
  return inner.ok
    ? { state: 'data', data: inner.value }
    : failed('malformed', 'inner_json_malformed')
}

const outcomes: ReadonlyMap<JsonValue | undefined, ShareAnswer> = new Map<string, ShareAnswer>([
  ['1001', none('absent')],
  ['1002', none('name_differs')],
  ['2001', { state: 'secret_stale' }],
  ['2002', { state: 'secret_stale' }],
  ['2003', failed('unauthorised', 'clock_window')],
  ['2004', failed('unauthorised', 'requester_unknown')],
  ['3001', failed('rejected', 'code_3001', { reason: 'type_not_offered' })],
  ['3002', failed('rejected', 'code_3002', { reason: 'sealed' })],
  ['3003', failed('rejected', 'code_3003', { reason: 'parameters' })],
  ['5000', failed('unreachable', 'code_5000')],
  ['5003', failed('busy', 'code_5003')],
])

const outcomeOfCode = (given: JsonValue | undefined, until: JsonValue | undefined): ShareAnswer => {
  if (given !== '9001') return outcomes.get(given) ?? failed('malformed', 'code_unknown')
  const retryAt = typeof until === 'number' ? { retryAt: new Date(until) } : {}
  return failed('maintenance', 'code_9001', retryAt)
}

export type Licences = { readonly state: 'licences'; readonly licences: readonly HallLicence[] }

/** The records of an answer as licences; one bad record spoils the answer. */
export const decodeLicences = (
  data: JsonValue,
  { typeCode, bytes, asOf, digestName }: AnswerFacts,
): Licences | Failed => {
  const table = tables.get(typeCode)
  const rows = isRecord(data) ? data['rows'] : undefined
  if (table === undefined || !isList(rows)) return failed('malformed', 'rows_missing')
  const rawDigest = digestText(digestName, bytes)
  const licences: HallLicence[] = []
  for (const row of rows) {
    if (!isRecord(row)) return failed('malformed', 'row_malformed')
    const holders = holdersOf(row['CZR'])
    const record = flatFields(row)
    const built = buildLicence({ typeCode, tables: table, record, holders, asOf, rawDigest })
    if (!built.ok) return failed('malformed', built.cause)
    licences.push(built.licence)
  }
  return { state: 'licences', licences }
}

const holdersOf = (list: JsonValue | undefined): readonly HallHolder[] =>
  isList(list)
    ? list.filter(isRecord).map((holder) => {
        const { XM = '', ZJLX = '', ZJHM = '' } = flatFields(holder)
        return { idType: idTypeOf(ZJLX), id: foldNumber(ZJHM), name: XM.trim() }
      })
    : []

/** Counts of the hall's own work, as the platform's supervision service sends them. */
export const decodeBusiness = (data: JsonValue, asOf: string): HallBusiness | Failed => {
  const queues = isRecord(data) ? data['DLLB'] : undefined
  const { SLS, BJS, CQS } = isRecord(data) ? flatFields(data) : {}
  const [accepted, finished, overdue] = [SLS, BJS, CQS].map((count) => toCount(count))
  if (accepted === undefined || finished === undefined || overdue === undefined || !isList(queues))
    return failed('malformed', 'business_malformed')
  return {
    asOf,
    accepted,
    finished,
    overdue,
    queues: queues.filter(isRecord).map((queue) => {
      const { MC = '', CD = '' } = flatFields(queue)
      return { nameZh: MC, length: toCount(CD) ?? 0 }
    }),
  }
}

const toCount = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined

/** The refresh endpoint's answer: the sealed secret and the moment after which it is refused. */
export const decodeRefresh = (
  bytes: Uint8Array,
): { readonly sealed: string; readonly expiresAtMs: number } | Failed => {
  const parsed = parseHallJson(bytes)
  const answer = parsed.ok && isRecord(parsed.value) ? parsed.value : {}
  const head = isRecord(answer['head']) ? answer['head'] : {}
  const data = isRecord(answer['data']) ? answer['data'] : {}
  if (head['code'] !== undefined && head['code'] !== '0000') return refreshRefused(head)
  const { secret, expiresAt } = data
  return typeof secret === 'string' && typeof expiresAt === 'number'
    ? { sealed: secret, expiresAtMs: expiresAt }
    : failed('malformed', 'refresh:malformed')
}

/** A platform that is busy or away says so here too; anything else means that it does not know us. */
const refreshRefused = ({ code, until }: JsonObject): Failed => {
  const outcome = outcomeOfCode(code, until)
  const isPassing = outcome.state === 'failed' && ['busy', 'maintenance'].includes(outcome.kind)
  return isPassing ? outcome : failed('unauthorised', 'refresh:refused')
}
