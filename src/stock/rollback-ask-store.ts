import type { BatchId } from '../contract/ids.ts'
import type { StockDb } from './batch-store.ts'

/** Who asked that a batch be rolled back. */
export type RollbackAsk = {
  readonly clientId: string
  /** The person whose key it is. */
  readonly operatorId: string | null
  readonly askedAt: Date
}

export const findRollbackAsk = async (
  db: StockDb,
  batchId: BatchId,
): Promise<RollbackAsk | undefined> => {
  const row = await db
    .selectFrom('batch as b')
    .leftJoin('client as c', 'c.client_id', 'b.rollback_asked_by')
    .select(['b.rollback_asked_by', 'b.rollback_asked_at', 'c.operator_id'])
    .where('b.batch_id', '=', batchId)
    .executeTakeFirst()
  const { rollback_asked_by: clientId = null, rollback_asked_at: askedAt = null } = row ?? {}
  if (clientId === null || askedAt === null) return undefined
  return { clientId, operatorId: row?.operator_id ?? null, askedAt }
}

export const saveRollbackAsk = async (
  tx: StockDb,
  batchId: BatchId,
  { clientId, askedAt }: Pick<RollbackAsk, 'clientId' | 'askedAt'>,
): Promise<void> => {
  await tx
    .updateTable('batch')
    .set({ rollback_asked_by: clientId, rollback_asked_at: askedAt })
    .where('batch_id', '=', batchId)
    .execute()
}
