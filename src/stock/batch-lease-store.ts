import type { BatchId } from '../contract/ids.ts'
import type { Store } from '../store/open-store.ts'

/**
 * Runs the work while this process alone works on the batch. Answers false without running it when
 * another does. The lease ends with the connection, so a crash leaves nothing behind.
 */
export const withBatchLease = async (
  store: Pick<Store, 'pool'>,
  batchId: BatchId,
  work: () => Promise<void>,
): Promise<boolean> => {
  const client = await store.pool.connect()
  let broken = true
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [lockName(batchId)],
    )
    const taken = rows[0]?.taken === true
    if (taken) {
      await work()
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [lockName(batchId)])
    }
    broken = false
    return taken
  } finally {
    // Closing the connection frees the lease, whatever happened to the work.
    client.release(broken)
  }
}

const lockName = (batchId: BatchId): string => `zhengqiao/batch/${batchId}`
