import { sql } from 'kysely'
import { asId, type BatchId } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { StockDb } from './batch-store.ts'

/** Takes the place of a chunk for this transaction; answers the digest of what stood there, or null. */
export const lockChunk = async (
  tx: StockDb,
  { batchId, chunk }: { readonly batchId: BatchId; readonly chunk: number },
  now: Date,
): Promise<Uint8Array | null> => {
  const added = await tx
    .insertInto('batch_chunk')
    .values({
      batch_id: batchId,
      chunk,
      digest: Buffer.alloc(0),
      row_count: 0,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('chunk')
    .executeTakeFirst()
  if (added !== undefined) return null
  const row = await tx
    .selectFrom('batch_chunk')
    .select('digest')
    .where('batch_id', '=', batchId)
    .where('chunk', '=', chunk)
    .forUpdate()
    .executeTakeFirst()
  return row?.digest ?? null
}

/** The digest of a stored chunk. */
export const findChunkDigest = async (
  db: StockDb,
  batchId: BatchId,
  chunk: number,
): Promise<Uint8Array | undefined> => {
  const row = await db
    .selectFrom('batch_chunk')
    .select('digest')
    .where('batch_id', '=', batchId)
    .where('chunk', '=', chunk)
    .executeTakeFirst()
  return row?.digest
}

export const saveChunk = async (
  tx: StockDb,
  chunk: {
    readonly batchId: BatchId
    readonly chunk: number
    readonly digest: Uint8Array
    readonly rowCount: number
  },
): Promise<void> => {
  await tx
    .updateTable('batch_chunk')
    .set({ digest: Buffer.from(chunk.digest), row_count: chunk.rowCount })
    .where('batch_id', '=', chunk.batchId)
    .where('chunk', '=', chunk.chunk)
    .execute()
}

export type ReceivedRows = { readonly chunks: number; readonly rows: number }

/** How much of a batch has arrived. */
export const countReceived = async (db: StockDb, batchId: BatchId): Promise<ReceivedRows> => {
  const row = await db
    .selectFrom('batch_chunk')
    .select(({ fn }) => [
      fn.countAll<string | number>().as('chunks'),
      fn.sum<string | number | null>('row_count').as('rows'),
    ])
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  return { chunks: Number(row?.chunks ?? 0), rows: Number(row?.rows ?? 0) }
}

/** Whole lines of a chunk as they were pushed; `firstLine` counts from 1. */
export type Block = {
  readonly chunk: number
  readonly firstLine: number
  readonly lines: Uint8Array
}

export const insertBlock = async (
  tx: StockDb,
  keys: Pick<DataKeys, 'seal'>,
  batchId: BatchId,
  block: Block,
): Promise<void> => {
  const sealed = keys.seal(block.lines, contextOf(batchId, block))
  await tx
    .insertInto('batch_block')
    .values({
      batch_id: batchId,
      chunk: block.chunk,
      first_line: block.firstLine,
      blob: sealed.blob,
      key_id: sealed.keyId,
    })
    .execute()
}

export const deleteBlocks = async (tx: StockDb, batchId: BatchId, chunk: number): Promise<void> => {
  await tx
    .deleteFrom('batch_block')
    .where('batch_id', '=', batchId)
    .where('chunk', '=', chunk)
    .execute()
}

/** Deletes some blocks of a batch; answers how many, 0 when none are left. */
export const deleteSomeBlocks = async (db: StockDb, batchId: BatchId): Promise<number> => {
  const { numAffectedRows } = await sql`
    delete from batch_block where ctid = any(array(
      select ctid from batch_block where batch_id = ${batchId} limit 64))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** The block after a place, in (chunk, line) order. */
export const findNextBlock = async (
  db: StockDb,
  keys: Pick<DataKeys, 'open'>,
  batchId: BatchId,
  after: Pick<Block, 'chunk' | 'firstLine'> | null,
): Promise<Block | undefined> => {
  const row = await db
    .selectFrom('batch_block')
    .select(['chunk', 'first_line', 'blob', 'key_id'])
    .where('batch_id', '=', batchId)
    .where(sql<boolean>`(chunk, first_line) > (${after?.chunk ?? 0}, ${after?.firstLine ?? 0})`)
    .orderBy('chunk')
    .orderBy('first_line')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const place = { chunk: row.chunk, firstLine: row.first_line }
  return { ...place, lines: keys.open(row.blob, row.key_id, contextOf(batchId, place)) }
}

const contextOf = (
  batchId: BatchId,
  { chunk, firstLine }: Pick<Block, 'chunk' | 'firstLine'>,
): Uint8Array => Buffer.from(`batch_block|${batchId}|${String(chunk)}|${String(firstLine)}`)

export const blockLines: SealedColumn = {
  table: 'batch_block',
  key: [
    { name: 'batch_id', type: 'uuid' },
    { name: 'chunk', type: 'int' },
    { name: 'first_line', type: 'int' },
  ],
  blob: 'blob',
  keyId: 'key_id',
  context: (row) =>
    contextOf(asId(String(row['batch_id'])), {
      chunk: Number(row['chunk']),
      firstLine: Number(row['first_line']),
    }),
}
