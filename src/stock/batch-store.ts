import { type Kysely, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import { asId, type BatchId } from '../contract/ids.ts'
import { inTransaction, type Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import type { Database } from '../store/schema.ts'
import { codeOf } from '../store/store-error.ts'
import type { Batch, BatchFailure, BatchProgress, StoredOrder } from './batch.ts'

/** A connection or an open transaction. */
export type StockDb = Kysely<Database>

/**
 * A transaction whose queries go by index. While a load fills empty tables the planner still takes them
 * for small: a plan that reads them whole would be kept, and each page would cost more than the last.
 */
export const inPageTransaction = <Result>(
  store: Pick<Store, 'db'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> =>
  inTransaction(store, async (tx) => {
    await sql`select set_config(name, 'off', true)
      from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) as name
      union all
      select set_config('max_parallel_workers_per_gather', '0', true)`.execute(tx)
    return work(tx)
  })

export type NewBatch = Pick<
  Batch,
  'batchId' | 'issuerCode' | 'format' | 'typeCodes' | 'expectedRows' | 'expectedChunks'
>

export const insertBatch = async (tx: StockDb, batch: NewBatch, now: Date): Promise<void> => {
  await tx
    .insertInto('batch')
    .values({
      batch_id: batch.batchId,
      issuer_code: batch.issuerCode,
      format: batch.format,
      type_codes: batch.typeCodes,
      expected_rows: batch.expectedRows,
      expected_chunks: batch.expectedChunks,
      state: 'open',
      created_at: now,
    })
    .execute()
}

export const findBatch = async (db: StockDb, batchId: BatchId): Promise<Batch | undefined> => {
  const row = await db
    .selectFrom('batch')
    .selectAll()
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  return row === undefined ? undefined : toBatch(row)
}

/** The batch, locked until the transaction ends; waits for whoever holds it. */
export const lockBatch = async (tx: StockDb, batchId: BatchId): Promise<Batch | undefined> => {
  const row = await tx
    .selectFrom('batch')
    .selectAll()
    .where('batch_id', '=', batchId)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toBatch(row)
}

/** As lockBatch, but `busy` when chunks are being uploaded or another change is under way. */
export const lockIdleBatch = async (
  tx: StockDb,
  batchId: BatchId,
): Promise<Batch | undefined | 'busy'> => {
  try {
    const row = await tx
      .selectFrom('batch')
      .selectAll()
      .where('batch_id', '=', batchId)
      .forUpdate()
      .noWait()
      .executeTakeFirst()
    return row === undefined ? undefined : toBatch(row)
  } catch (error) {
    if (codeOf(error) === '55P03') return 'busy'
    throw error
  }
}

/** The batch in a state that cannot change until the transaction ends; uploads share this lock. */
export const shareBatch = async (tx: StockDb, batchId: BatchId): Promise<Batch | undefined> => {
  const row = await tx
    .selectFrom('batch')
    .selectAll()
    .where('batch_id', '=', batchId)
    .forShare()
    .executeTakeFirst()
  return row === undefined ? undefined : toBatch(row)
}

export const reopenBatch = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({ state: 'open', failure: null })
    .where('batch_id', '=', batchId)
    .execute()
}

export const startValidation = async (
  tx: StockDb,
  batchId: BatchId,
  certificateId: string,
): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({
      state: 'validating',
      certificate_id: certificateId,
      progress: null,
      failure: null,
      root: null,
      ...noCounts,
      validated_at: null,
    })
    .where('batch_id', '=', batchId)
    .execute()
}

const noCounts = {
  rows_valid: null,
  rows_warned: null,
  rows_duplicate: null,
  rows_quarantined: null,
}

export const finishValidation = async (
  tx: StockDb,
  batchId: BatchId,
  done: { readonly root: Uint8Array; readonly progress: BatchProgress; readonly now: Date },
): Promise<void> => {
  const { counts } = done.progress
  await tx
    .updateTable('batch')
    .set({
      state: 'validated',
      root: Buffer.from(done.root),
      rows_valid: counts.valid,
      rows_warned: counts.warned,
      rows_duplicate: counts.duplicate,
      rows_quarantined: counts.quarantined,
      progress: JSON.stringify(done.progress),
      validated_at: done.now,
    })
    .where('batch_id', '=', batchId)
    .execute()
}

export const startRelease = async (
  tx: StockDb,
  batchId: BatchId,
  { order, progress }: { readonly order: StoredOrder; readonly progress: BatchProgress },
): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({
      state: 'releasing',
      release_order: JSON.stringify(order),
      progress: JSON.stringify(progress),
    })
    .where('batch_id', '=', batchId)
    .execute()
}

export const finishRelease = async (tx: StockDb, batchId: BatchId, now: Date): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({ state: 'released', released_at: now })
    .where('batch_id', '=', batchId)
    .execute()
}

export const finishRollback = async (tx: StockDb, batchId: BatchId, now: Date): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({ state: 'rolled_back', rolled_back_at: now })
    .where('batch_id', '=', batchId)
    .execute()
}

/** Fails a batch that is still in the state at hand. @returns false when it has gone on */
export const failBatch = async (
  tx: StockDb,
  { batchId, state }: Pick<Batch, 'batchId' | 'state'>,
  failure: BatchFailure,
): Promise<boolean> => {
  const failed = await tx
    .updateTable('batch')
    .set({ state: 'failed', failure })
    .where('batch_id', '=', batchId)
    .where('state', '=', state)
    .returning('batch_id')
    .executeTakeFirst()
  return failed !== undefined
}

export const clearRange = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({ first_licence_id: null, last_licence_id: null })
    .where('batch_id', '=', batchId)
    .execute()
}

export const deleteSupersessions = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await tx.deleteFrom('batch_supersession').where('batch_id', '=', batchId).execute()
}

/** Batches whose background work has to go on, oldest first. */
export const listUnfinished = async (db: StockDb): Promise<readonly BatchId[]> => {
  const rows = await db
    .selectFrom('batch')
    .select('batch_id')
    .where(
      sql<boolean>`state in ('validating', 'releasing') or (state = 'released' and exists (
        select from batch_block where batch_block.batch_id = batch.batch_id))`,
    )
    .orderBy('created_at')
    .orderBy('batch_id')
    .limit(1000)
    .execute()
  return rows.map((row) => asId(row.batch_id))
}

/** Another batch of the issuer that is being released at the moment. */
export const findReleasing = async (
  db: StockDb,
  issuerCode: string,
): Promise<BatchId | undefined> => {
  const row = await db
    .selectFrom('batch')
    .select('batch_id')
    .where('issuer_code', '=', issuerCode)
    .where('state', '=', 'releasing')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : asId(row.batch_id)
}

const countsSchema = z.object({
  valid: z.int(),
  warned: z.int(),
  duplicate: z.int(),
  quarantined: z.int(),
  ending: z.int(),
})
const progressSchema: z.ZodType<BatchProgress> = z.object({
  page: z.int(),
  block: z.object({ chunk: z.int(), firstLine: z.int() }).nullable(),
  lastLicenceId: z.string().nullable(),
  lastSourceId: z.string().nullish(),
  frontier: z.object({ size: z.int(), hashes: z.array(z.string()) }),
  counts: countsSchema,
})
const orderSchema: z.ZodType<StoredOrder> = z.object({
  signatureBase: z.string(),
  signature: z.string(),
  body: z.string(),
  certificate: z.string(),
})

const toBatch = (row: Selectable<Database['batch']>): Batch => {
  const progress = row.progress === null ? null : progressSchema.parse(row.progress)
  const { first_licence_id: first, last_licence_id: last } = row
  return {
    batchId: asId(row.batch_id),
    issuerCode: asId(row.issuer_code),
    format: row.format,
    typeCodes: row.type_codes,
    expectedRows: row.expected_rows,
    expectedChunks: row.expected_chunks,
    state: row.state,
    certificateId: row.certificate_id === null ? null : asId(row.certificate_id),
    root: row.root,
    counts: progress?.counts ?? null,
    failure: row.failure,
    progress,
    range: first === null || last === null ? null : { first, last },
    releaseOrder: row.release_order === null ? null : orderSchema.parse(row.release_order),
    createdAt: row.created_at,
    validatedAt: row.validated_at,
    releasedAt: row.released_at,
    rolledBackAt: row.rolled_back_at,
    rollbackAskedAt: row.rollback_asked_at,
  }
}
