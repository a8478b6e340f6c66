import type { Caller } from '../contract/caller.ts'
import type { BatchId } from '../contract/ids.ts'
import type { StockDb } from './batch-store.ts'

/** Remembers whose key had a hand in a batch. */
export const addHand = async (
  tx: StockDb,
  batchId: BatchId,
  { certificateId, clientId }: Pick<Caller, 'certificateId' | 'clientId'>,
): Promise<void> => {
  await tx
    .insertInto('batch_hand')
    .values({ batch_id: batchId, certificate_id: certificateId, client_id: clientId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export type Hand = {
  readonly certificateId: string
  readonly clientId: string
  /** The person whose key it is. */
  readonly operatorId: string | null
}

/** Every hand, without a limit: one that were left out could release its own batch. */
export const findHands = async (db: StockDb, batchId: BatchId): Promise<readonly Hand[]> => {
  const rows = await db
    .selectFrom('batch_hand as h')
    .leftJoin('client as c', 'c.client_id', 'h.client_id')
    .select(['h.certificate_id', 'h.client_id', 'c.operator_id'])
    .where('h.batch_id', '=', batchId)
    .orderBy('h.certificate_id')
    .execute()
  return rows.map((row) => ({
    certificateId: row.certificate_id,
    clientId: row.client_id,
    operatorId: row.operator_id,
  }))
}
