import {
  buildLicence,
  digestText,
  failed,
  flatFields,
  isEchoOf,
  isList,
  isRecord,
  none,
  parseHallJson,
  type AnswerFacts,
  type Failed,
  type HallLicence,
  type HallQuery,
  type JsonValue,
  type None,
} from '../../src/halls/adapter.ts'
import { tables } from './tables.ts'

/** One question, with a sequence that the answer repeats. */
export const encodeQuestion = (sequence: string, { typeCode, holder }: HallQuery): Buffer =>
  Buffer.from(JSON.stringify({ sequence, type: typeCode, id: holder.id, name: holder.name }))

export type Answer = { readonly state: 'rows'; readonly rows: readonly JsonValue[] } | None | Failed

const outcomes: ReadonlyMap<JsonValue | undefined, None | Failed> = new Map<string, None | Failed>([
  ['none', none('absent')],
  ['name', none('name_differs')],
  ['sealed', failed('rejected', 'sealed', { reason: 'sealed' })],
  ['busy', failed('busy', 'busy')],
  ['maintenance', failed('maintenance', 'maintenance')],
  ['error', failed('unreachable', 'error')],
])

/** The department's codes as outcomes; what is not in the table is malformed. */
export const decodeAnswer = (bytes: Uint8Array, sequence: string): Answer => {
  const parsed = parseHallJson(bytes)
  if (!parsed.ok) return failed('malformed', parsed.cause)
  const answer = isRecord(parsed.value) ? parsed.value : {}
  if (!isEchoOf(sequence, answer['sequence'], answer['code'] === 'ok'))
    return failed('malformed', 'answer_for_another_request')
  if (answer['code'] !== 'ok')
    return outcomes.get(answer['code']) ?? failed('malformed', 'code_unknown')
  const rows = answer['rows']
  return isList(rows) ? { state: 'rows', rows } : failed('malformed', 'rows_missing')
}

/** The rows as licences; one bad row spoils the answer. */
export const decodeLicences = (
  rows: readonly JsonValue[],
  input: AnswerFacts,
): { readonly state: 'licences'; readonly licences: readonly HallLicence[] } | Failed => {
  const { typeCode, bytes, asOf, digestName } = input
  const table = tables.get(typeCode)
  const rawDigest = digestText(digestName, bytes)
  const licences: HallLicence[] = []
  for (const row of rows) {
    if (!isRecord(row) || table === undefined) return failed('malformed', 'row_malformed')
    const record = flatFields(row)
    const holders = [{ idType: '111', id: record['holderId'] ?? '', name: record['holder'] ?? '' }]
    const built = buildLicence({ typeCode, tables: table, record, holders, asOf, rawDigest })
    if (!built.ok) return failed('malformed', built.cause)
    licences.push(built.licence)
  }
  return { state: 'licences', licences }
}
