import type { BatchId } from '../contract/ids.ts'
import { type BatchProgress, emptyCounts } from './batch.ts'
import type { StockDb } from './batch-store.ts'
import type { Supersession } from './page-store.ts'

export type SingleBatch = {
  readonly batchId: BatchId
  readonly issuerCode: string
  readonly certificateId: string
  readonly orderId: string
  readonly licenceId: string
  readonly root: Uint8Array
  readonly frontier: BatchProgress['frontier']
  readonly now: Date
}

/** The batch of one row that a single issue is: released at once, under a standing order. */
export const insertSingleBatch = async (tx: StockDb, single: SingleBatch): Promise<void> => {
  const progress: BatchProgress = {
    page: 1,
    block: null,
    lastLicenceId: single.licenceId,
    frontier: single.frontier,
    counts: { ...emptyCounts, valid: 1 },
  }
  await tx
    .insertInto('batch')
    .values({
      batch_id: single.batchId,
      issuer_code: single.issuerCode,
      format: 'single',
      expected_rows: 1,
      expected_chunks: 1,
      state: 'released',
      certificate_id: single.certificateId,
      root: Buffer.from(single.root),
      rows_valid: 1,
      rows_warned: 0,
      rows_duplicate: 0,
      rows_quarantined: 0,
      progress: JSON.stringify(progress),
      first_licence_id: single.licenceId,
      last_licence_id: single.licenceId,
      standing_order_id: single.orderId,
      created_at: single.now,
      validated_at: single.now,
      released_at: single.now,
    })
    .execute()
}

export const insertSupersessions = async (
  tx: StockDb,
  batchId: BatchId,
  supersessions: readonly Supersession[],
): Promise<void> => {
  if (supersessions.length === 0) return
  await tx
    .insertInto('batch_supersession')
    .values(
      supersessions.map(({ licenceId, successorId }) => ({
        batch_id: batchId,
        licence_id: licenceId,
        successor_id: successorId,
      })),
    )
    .execute()
}
