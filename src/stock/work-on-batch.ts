import type { BatchId } from '../contract/ids.ts'
import { inTransaction } from '../store/in-transaction.ts'
import { withBatchLease } from './batch-lease-store.ts'
import { listUnfinished, lockBatch } from './batch-store.ts'
import { deleteSomeBlocks } from './chunk-store.ts'
import { fillResign } from './fill-resign.ts'
import { releaseBatch } from './release-batch.ts'
import type { StockDeps } from './stock-deps.ts'
import { validateBatch } from './validate-batch.ts'

/**
 * Starts the background work that a batch's state asks for. The request that asked may not have committed
 * yet: the work waits for its lock on the batch and then goes by what it finds.
 */
export const startWorkOnBatch = (deps: StockDeps, batchId: BatchId): void => {
  deps.jobs.start(`batch/${batchId}`, (signal) => workOnBatch(deps, batchId, signal))
}

/** Goes on with the batches that a stopped process left; call it at start-up and now and then. */
export const resumeBatches = async (deps: StockDeps): Promise<number> => {
  const unfinished = await listUnfinished(deps.store.db)
  for (const batchId of unfinished) startWorkOnBatch(deps, batchId)
  return unfinished.length
}

const workOnBatch = async (
  deps: StockDeps,
  batchId: BatchId,
  signal: AbortSignal,
): Promise<void> => {
  await withBatchLease(deps.store, batchId, async () => {
    const batch = await inTransaction(deps.store, (tx) => lockBatch(tx, batchId))
    if (batch?.state === 'validating') {
      const make = batch.format === 'resign' ? fillResign : validateBatch
      await make(deps, batch, signal)
    }
    if (batch?.state === 'releasing') await releaseBatch(deps, batch, signal)
    await sweep(deps, batchId, signal)
  })
}

/** What was pushed is not kept beside what was released of it. */
const sweep = async (deps: StockDeps, batchId: BatchId, signal: AbortSignal): Promise<void> => {
  const batch = await inTransaction(deps.store, (tx) => lockBatch(tx, batchId))
  if (batch?.state !== 'released') return
  while (!signal.aborted && (await deleteSomeBlocks(deps.store.db, batchId)) > 0);
}
