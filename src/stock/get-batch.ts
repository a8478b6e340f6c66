import type { Caller } from '../contract/caller.ts'
import type { Answer, Deed } from '../contract/endpoint.ts'
import type { BatchId } from '../contract/ids.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { findBatch, type StockDb } from './batch-store.ts'
import { batchView } from './batch-view.ts'
import { countReceived } from './chunk-store.ts'
import { type FindDepartment, getOwnBatch } from './get-own-batch.ts'

/** The state of a batch. @throws GatewayError batch_not_found */
export const getBatch = async (
  deps: { readonly findDepartment: FindDepartment },
  db: StockDb,
  caller: Caller,
  batchId: string,
): Promise<Answer> => {
  const batch = await getOwnBatch(deps, caller, batchId, (id) => findBatch(db, id))
  return batchAnswer(db, batch.batchId, {
    status: 200,
    deed: { action: 'batch.read', decision: 'allowed', detail: { batchId: batch.batchId } },
  })
}

/** An answer that shows the batch as it now stands. */
export const batchAnswer = async (
  db: StockDb,
  batchId: BatchId,
  rest: { readonly status: 200 | 201 | 202; readonly deed: Deed },
): Promise<Answer> => {
  const batch = await findBatch(db, batchId)
  if (batch === undefined) throw new RangeError('a batch is gone')
  const certificate =
    batch.certificateId === null ? undefined : await findSigningCertificate(db, batch.certificateId)
  const data = batchView(batch, {
    received: await countReceived(db, batchId),
    keyCustody: certificate?.keyCustody ?? null,
  })
  return { ...rest, data }
}
