import { sql } from 'kysely'
import type { Json } from '../contract/endpoint.ts'
import { newUuidV7, type RandomBytes } from '../contract/uuid.ts'
import { foldHolderId } from '../licences/normalise-holder-id.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { HallHolder } from './hall-contract.ts'
import { hallHolderSchema } from './stored-question.ts'
import { hallTables, type HallDb } from './hall-tables-store.ts'

/** `stock_gap` the department holds nothing that the case needs · `stock_differs` stock and hall disagree. */
export const dataQualityKinds = [
  'stock_gap',
  'stock_differs',
  'identifier_check',
  'identifier_differs',
  'identifier_made',
  'name_unreadable',
  'reconciliation',
] as const
export type DataQualityKind = (typeof dataQualityKinds)[number]

export type DataQualityFinding = {
  readonly kind: DataQualityKind
  /** Whose task it is: the department that issues the type. */
  readonly issuerCode: string
  readonly hallId: string | null
  readonly typeCode: string
  readonly holder: HallHolder
  readonly caseId: string | null
  /** Without personal data. */
  readonly detail: Json
}

export type DataQualityRow = DataQualityFinding & {
  readonly qualityId: string
  readonly occurrences: number
  readonly openedAt: Date
  readonly lastSeenAt: Date
}

export type DataQualityDeps = {
  readonly db: HallDb
  readonly keys: Pick<DataKeys, 'seal' | 'open' | 'index' | 'indexAll'>
  readonly random: RandomBytes
  readonly now: Date
}

/** Opens a row, or counts the finding once more while its row is open. */
export const openDataQuality = async (
  { db, keys, random, now }: DataQualityDeps,
  finding: DataQualityFinding,
): Promise<void> => {
  const { kind, holder } = finding
  const qualityId = newUuidV7(now.getTime(), random)
  if (await countOnceMore({ db, keys, now }, finding)) return
  const { index } = keys.index('subject', holderText(holder))
  const sealed = keys.seal(Buffer.from(JSON.stringify(holder)), aad(qualityId))
  await hallTables(db)
    .insertInto('hall_data_quality')
    .values({
      quality_id: qualityId,
      kind,
      issuer_code: finding.issuerCode,
      hall_id: finding.hallId,
      type_code: finding.typeCode,
      subject_index: index,
      case_id: finding.caseId,
      detail: JSON.stringify(finding.detail),
      blob: sealed.blob,
      key_id: sealed.keyId,
      opened_at: now,
      last_seen_at: now,
      closed_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'type_code', 'subject_index'])
        .where('closed_at', 'is', null)
        .doUpdateSet({
          occurrences: sql<number>`hall_data_quality.occurrences + 1`,
          last_seen_at: now,
        }),
    )
    .execute()
}

/** During a change of data keys the open row may stand under the previous one. */
const countOnceMore = async (
  { db, keys, now }: Pick<DataQualityDeps, 'db' | 'keys' | 'now'>,
  { kind, typeCode, holder }: DataQualityFinding,
): Promise<boolean> => {
  const [, ...previous] = keys.indexAll('subject', holderText(holder))
  if (previous.length === 0) return false
  const { numUpdatedRows } = await hallTables(db)
    .updateTable('hall_data_quality')
    .set({ occurrences: sql<number>`occurrences + 1`, last_seen_at: now })
    .where('kind', '=', kind)
    .where('type_code', '=', typeCode)
    .where(
      'subject_index',
      'in',
      previous.map(({ index }) => index),
    )
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const holderText = ({ idType, id }: HallHolder): string => `${idType}:${foldHolderId(idType, id)}`

const aad = (qualityId: string): Buffer => Buffer.from(`hall_data_quality|${qualityId}`)

/** The open rows of one department, oldest first; the holder is opened for its steward only. */
export const listDataQuality = async (
  { db, keys }: Pick<DataQualityDeps, 'db' | 'keys'>,
  issuerCode: string,
  limit = 200,
): Promise<readonly DataQualityRow[]> => {
  const rows = await hallTables(db)
    .selectFrom('hall_data_quality')
    .selectAll()
    .where('issuer_code', '=', issuerCode)
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('quality_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    qualityId: row.quality_id,
    kind: kindOf(row.kind),
    issuerCode: row.issuer_code,
    hallId: row.hall_id,
    typeCode: row.type_code,
    holder: holderOf(keys.open(row.blob, row.key_id, aad(row.quality_id))),
    caseId: row.case_id,
    detail: row.detail,
    occurrences: row.occurrences,
    openedAt: row.opened_at,
    lastSeenAt: row.last_seen_at,
  }))
}

const kindOf = (text: string): DataQualityKind => {
  const kind = dataQualityKinds.find((known) => known === text)
  if (kind === undefined) throw new TypeError('unknown kind of data-quality row')
  return kind
}

const holderOf = (bytes: Buffer): HallHolder => hallHolderSchema.parse(JSON.parse(bytes.toString()))

export const qualityHolders: SealedColumn = {
  table: 'hall_data_quality',
  key: [{ name: 'quality_id', type: 'uuid' }],
  blob: 'blob',
  keyId: 'key_id',
  context: (row) => aad(String(row['quality_id'])),
  index: {
    column: 'subject_index',
    of: (plaintext, keys) => keys.index('subject', holderText(holderOf(plaintext))).index,
  },
}
