import type { Clock } from '../contract/clock.ts'
import type { BatchId } from '../contract/ids.ts'
import type { DigestName } from '../crypto/digest.ts'
import { frontierRoot } from '../crypto/merkle.ts'
import { inTransaction } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import type { BatchProgress } from './batch.ts'
import { failBatch, finishValidation, lockBatch } from './batch-store.ts'
import { loadFrontier } from './stored-frontier.ts'

/** Shows the root over all credentials of a batch whose last page is committed; without any it fails. */
export const endValidation = (
  { store, clock }: { readonly store: Pick<Store, 'db'>; readonly clock: Clock },
  batchId: BatchId,
  { progress, digestName }: { readonly progress: BatchProgress; readonly digestName: DigestName },
): Promise<void> =>
  inTransaction(store, async (tx) => {
    const batch = await lockBatch(tx, batchId)
    if (batch?.state !== 'validating' || batch.progress?.page !== progress.page) return
    await finishValidation(tx, batchId, {
      root: frontierRoot(loadFrontier(progress.frontier), digestName),
      progress,
      now: clock.now(),
    })
    if (progress.counts.valid === 0) {
      await failBatch(tx, { batchId, state: 'validated' }, 'no_valid_rows')
    }
  })
