import {
  buildLicence,
  digestText,
  failed,
  flatFields,
  foldNumber,
  isList,
  isRecord,
  none,
  parseHallJson,
  type AnswerFacts,
  type Failed,
  type HallBusiness,
  type HallHolder,
  type HallLicence,
  type JsonValue,
  type None,
} from '../../src/halls/adapter.ts'
import type { AnswerRow } from './frontend.ts'
import { interfaces } from './tables.ts'

/** Kinds of answer (jglx). */
export const answerKinds = {
  found: 1,
  absent: 2,
  nameDiffers: 3,
  sealed: 4,
  noInterface: 5,
  busy: 6,
  maintenance: 7,
  failure: 9,
} as const

const documentKinds: Readonly<Record<string, string>> = { '111': '1', '414': '3', '001': '7' }
export const documentKindOf = (idType: string): string => documentKinds[idType] ?? '99'
const idTypeOf = (kind: string): string =>
  Object.entries(documentKinds).find(([, theirs]) => theirs === kind)?.[0] ?? '999'

export type LandAnswer =
  { readonly state: 'rows'; readonly rows: readonly AnswerRow[] } | None | Failed

const outcomes: ReadonlyMap<number, LandAnswer> = new Map<number, LandAnswer>([
  [answerKinds.absent, none('absent')],
  [answerKinds.nameDiffers, none('name_differs')],
  [answerKinds.sealed, failed('rejected', 'jglx_4', { reason: 'sealed' })],
  [answerKinds.noInterface, failed('rejected', 'jglx_5', { reason: 'type_not_offered' })],
  [answerKinds.busy, failed('busy', 'jglx_6')],
  [answerKinds.maintenance, failed('maintenance', 'jglx_7')],
  [answerKinds.failure, failed('unreachable', 'jglx_9')],
])

/**
 * The answer rows of one query: complete by their own count (`zs`), each number (`xh`) once. A row that
 * came twice counts once; two different rows under one number are malformed.
 */
export const judgeRows = (rows: readonly AnswerRow[]): LandAnswer => {
  const [first] = rows
  if (first === undefined) return failed('malformed', 'answer_missing')
  if (first.jglx !== answerKinds.found)
    return outcomes.get(first.jglx) ?? failed('malformed', 'jglx_unknown')
  const byNumber = new Map<number, AnswerRow>()
  for (const row of rows) {
    const before = byNumber.get(row.xh)
    if (before !== undefined && before.nr !== row.nr)
      return failed('malformed', 'duplicate_answers_differ')
    byNumber.set(row.xh, row)
  }
  const isWhole = rows.every(({ zs }) => zs === byNumber.size)
  return isWhole
    ? { state: 'rows', rows: [...byNumber.values()] }
    : failed('malformed', 'count_differs')
}

export type Licences = { readonly state: 'licences'; readonly licences: readonly HallLicence[] }

/** Each row's content (nr) is one certificate as JSON. */
export const decodeLicences = (
  rows: readonly AnswerRow[],
  { typeCode, asOf, digestName }: Omit<AnswerFacts, 'bytes'>,
): Licences | Failed => {
  const tables = interfaces.get(typeCode)
  if (tables === undefined)
    return failed('rejected', 'no_interface', { reason: 'type_not_offered' })
  const licences: HallLicence[] = []
  for (const { nr } of rows) {
    const parsed = parseHallJson(nr)
    if (!parsed.ok) return failed('malformed', parsed.cause)
    if (!isRecord(parsed.value)) return failed('malformed', 'row_malformed')
    const holders = holdersOf(parsed.value['QLRLB'])
    const record = flatFields(parsed.value)
    const rawDigest = digestText(digestName, nr)
    const built = buildLicence({ typeCode, tables, record, holders, asOf, rawDigest })
    if (!built.ok) return failed('malformed', built.cause)
    licences.push(built.licence)
  }
  return { state: 'licences', licences }
}

const holdersOf = (list: JsonValue | undefined): readonly HallHolder[] =>
  isList(list)
    ? list.filter(isRecord).map((holder) => {
        const { QLRMC = '', ZJZL = '', ZJH = '' } = flatFields(holder)
        return { idType: idTypeOf(ZJZL), id: foldNumber(ZJH), name: QLRMC.trim() }
      })
    : []

/** The content of a supervision answer. */
export const decodeBusiness = (nr: string, asOf: string): HallBusiness | Failed => {
  const parsed = parseHallJson(nr)
  const counts = parsed.ok && isRecord(parsed.value) ? parsed.value : {}
  const { SLS: accepted, BJS: finished, CQS: overdue, DL: queues } = counts
  if (!isCount(accepted) || !isCount(finished) || !isCount(overdue) || !isList(queues))
    return failed('malformed', 'business_malformed')
  return {
    asOf,
    accepted,
    finished,
    overdue,
    queues: queues.filter(isRecord).map((queue) => ({
      nameZh: flatFields(queue)['MC'] ?? '',
      length: isCount(queue['CD']) ? queue['CD'] : 0,
    })),
  }
}

const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
