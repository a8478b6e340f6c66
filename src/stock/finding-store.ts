import { sql } from 'kysely'
import type { PoolClient } from 'pg'
import { z } from 'zod'
import { asId, type BatchId } from '../contract/ids.ts'
import { copyRows } from '../licences/copy-rows-store.ts'
import { copyInt, copyText, copyUuid, type CopyValue } from '../licences/copy-value.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { StockDb } from './batch-store.ts'
import { type Finding, type FindingClass, findingClasses, type RowPlace } from './rules/finding.ts'
import type { RuleCode } from './rules/rule-texts.ts'
import { ruleTexts } from './rules/rule-texts.ts'

/** A finding with its place; `position` numbers the findings of one row. */
export type PlacedFinding = RowPlace & { readonly position: number; readonly finding: Finding }

/** Adds findings inside the transaction that the connection has open; values are encrypted. */
export const copyFindings = (
  client: PoolClient,
  keys: Pick<DataKeys, 'seal'>,
  batchId: BatchId,
  findings: readonly PlacedFinding[],
): Promise<void> =>
  copyRows(
    client,
    'batch_error',
    ['batch_id', 'chunk', 'line', 'position', 'class', 'rule', 'pointer', 'detail_blob', 'key_id'],
    findings.map((placed) => findingRow(keys, batchId, placed)),
  )

const findingRow = (
  keys: Pick<DataKeys, 'seal'>,
  batchId: BatchId,
  placed: PlacedFinding,
): readonly CopyValue[] => {
  const { given, corrected, other } = placed.finding
  const detail =
    given === undefined && corrected === undefined && other === undefined
      ? undefined
      : keys.seal(
          Buffer.from(JSON.stringify({ given, corrected, other })),
          contextOf(batchId, placed),
        )
  return [
    copyUuid(batchId),
    copyInt(placed.chunk),
    copyInt(placed.line),
    copyInt(placed.position),
    copyText(placed.finding.class),
    copyText(placed.finding.rule),
    copyText(placed.finding.pointer),
    detail?.blob ?? null,
    copyText(detail?.keyId ?? null),
  ]
}

export type FindingPlace = RowPlace & { readonly position: number }
export type FindingFilter = {
  readonly class?: FindingClass | undefined
  readonly after: FindingPlace
  readonly limit: number
}

/** Findings after a place, in order of chunk, line and position. */
export const listFindings = async (
  db: StockDb,
  keys: Pick<DataKeys, 'open'>,
  batchId: BatchId,
  { class: wanted, after, limit }: FindingFilter,
): Promise<readonly PlacedFinding[]> => {
  const rows = await db
    .selectFrom('batch_error')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where(
      sql<boolean>`(chunk, line, position) > (${after.chunk}, ${after.line}, ${after.position})`,
    )
    .$if(wanted !== undefined, (query) => query.where('class', '=', wanted ?? 'warn'))
    .orderBy('chunk')
    .orderBy('line')
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map((row) => {
    const place = { chunk: row.chunk, line: row.line, position: row.position }
    const detail =
      row.detail_blob === null || row.key_id === null
        ? {}
        : detailSchema.parse(
            JSON.parse(
              keys.open(row.detail_blob, row.key_id, contextOf(batchId, place)).toString('utf8'),
            ),
          )
    return {
      ...place,
      finding: {
        class: findingClasses.find((known) => known === row.class) ?? 'quarantine',
        rule: ruleOf(row.rule),
        pointer: row.pointer,
        ...detail,
      },
    }
  })
}

export const deleteFindings = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await tx.deleteFrom('batch_error').where('batch_id', '=', batchId).execute()
}

const detailSchema = z.object({
  given: z.json().exactOptional(),
  corrected: z.json().exactOptional(),
  other: z.object({ chunk: z.int(), line: z.int() }).exactOptional(),
})

const ruleOf = (text: string): RuleCode => {
  if (isRule(text)) return text
  throw new TypeError('a stored rule is unknown')
}

const isRule = (text: string): text is RuleCode => Object.hasOwn(ruleTexts, text)

const contextOf = (batchId: BatchId, { chunk, line, position }: FindingPlace): Uint8Array =>
  Buffer.from(`batch_error|${batchId}|${String(chunk)}|${String(line)}|${String(position)}`)

export const findingDetails: SealedColumn = {
  table: 'batch_error',
  key: [
    { name: 'batch_id', type: 'uuid' },
    { name: 'chunk', type: 'int' },
    { name: 'line', type: 'int' },
    { name: 'position', type: 'int' },
  ],
  blob: 'detail_blob',
  keyId: 'key_id',
  context: (row) =>
    contextOf(asId(String(row['batch_id'])), {
      chunk: Number(row['chunk']),
      line: Number(row['line']),
      position: Number(row['position']),
    }),
}
