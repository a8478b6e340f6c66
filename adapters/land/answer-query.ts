import {
  askSource,
  encodePaper,
  garbleRecords,
  sameName,
  type Mood,
  type SimulatedCity,
  type SimulatedPaper,
} from '../../src/halls/adapter.ts'
import type { AnswerRow } from './frontend.ts'
import { answerKinds, documentKindOf } from './messages.ts'
import { heartbeat, interfaces, supervision, type LandInterface } from './tables.ts'

export type AskedRow = {
  readonly sqid: string
  readonly dwdm: string
  readonly jkbm: string
  readonly qlrmc: string | null
  readonly zjh: string | null
}

const one = (jglx: number, nr = ''): readonly AnswerRow[] => [{ xh: 1, zs: 1, jglx, nr }]

/** What the simulated registry writes for one row, in a mood. */
export const answerQuery = (
  city: SimulatedCity,
  row: AskedRow,
  mood: Mood,
): readonly AnswerRow[] => {
  if (mood.act === 'refuse') return one(answerKinds.busy)
  if (mood.act === 'maintenance') return one(answerKinds.maintenance)
  const form = mood.act === 'garble' ? mood.form : ''
  if (form === 'failure_inside') return one(answerKinds.failure)
  const service = services.get(row.jkbm)
  if (service !== undefined) return one(answerKinds.found, service)
  return answerAbout(city, row, form)
}

const answerAbout = (city: SimulatedCity, row: AskedRow, form: string): readonly AnswerRow[] => {
  const found = [...interfaces].find(([, { name }]) => name === row.jkbm)
  if (found === undefined) return one(answerKinds.noInterface)
  const [typeCode, land] = found
  const holder = { id: row.zjh ?? '', name: row.qlrmc ?? '' }
  const source = askSource(city, holder, typeCode, sameName)
  return source.verdict === 'held'
    ? garbleRows(form, rowsOf(land, source.papers, form))
    : one(refusals[source.verdict])
}

const refusals = {
  sealed: answerKinds.sealed,
  absent: answerKinds.absent,
  name_differs: answerKinds.nameDiffers,
} as const

const work = {
  SLS: 341,
  BJS: 322,
  CQS: 7,
  DL: [
    { MC: '登簿', CD: 12 },
    { MC: '缮证', CD: 19 },
  ],
}

const services: ReadonlyMap<string, string> = new Map([
  [heartbeat, '{}'],
  [supervision, JSON.stringify(work)],
])

const rowsOf = (
  land: LandInterface,
  papers: readonly SimulatedPaper[],
  form: string,
): readonly AnswerRow[] => {
  const contents = papers.flatMap((paper) =>
    garbleRecords(recordForm(form), [encodePaper(paper, land)], land.head).map((record) =>
      JSON.stringify({
        ...record,
        BDCQZH: inWideBrackets(record['BDCQZH'] ?? ''),
        QLRLB: paper.holders.map((holder) => ({
          QLRMC: form === 'other_name' ? '某某某' : holder.name,
          ZJZL: documentKindOf(holder.idType),
          ZJH: form === 'other_holder' ? '370299190001019991' : holder.id,
        })),
      }),
    ),
  )
  return contents.map((nr, at) => ({
    xh: at + 1,
    zs: contents.length,
    jglx: answerKinds.found,
    nr,
  }))
}

/** Doubles are a matter of rows here, not of records. */
const recordForm = (form: string): string => (form.startsWith('duplicates') ? '' : form)

/** The registry's own habit: certificate numbers with full-width brackets. */
const inWideBrackets = (number: string): string =>
  number.replaceAll('(', '（').replaceAll(')', '）')

const garbleRows = (form: string, rows: readonly AnswerRow[]): readonly AnswerRow[] => {
  if (form === 'duplicates') return [...rows, ...rows]
  if (form === 'duplicates_differ')
    return [...rows, ...rows.map((row) => ({ ...row, nr: row.nr.replace('年', '年0') }))]
  if (form === 'wrong_count') return rows.map((row) => ({ ...row, zs: row.zs + 1 }))
  if (form === 'truncated') return rows.map((row) => ({ ...row, nr: row.nr.slice(0, 40) }))
  if (form === 'oversize') return rows.map((row) => ({ ...row, nr: ' '.repeat(11 * 1024 * 1024) }))
  if (form === 'nothing') return []
  return rows
}
