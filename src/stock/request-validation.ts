import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { findCurrentSigningCertificate } from '../licences/signing-certificate-store.ts'
import type { Batch } from './batch.ts'
import { addHand } from './batch-hand-store.ts'
import { lockIdleBatch, startValidation, type StockDb } from './batch-store.ts'
import { countReceived, type ReceivedRows } from './chunk-store.ts'
import { batchAnswer } from './get-batch.ts'
import { getOwnBatch } from './get-own-batch.ts'
import type { StockDeps } from './stock-deps.ts'
import { startWorkOnBatch } from './work-on-batch.ts'

/**
 * Has a complete batch validated in the background.
 * @throws GatewayError batch_not_found, batch_state, validation_failed, precondition_failed
 */
export const requestValidation = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  batchId: string,
): Promise<Answer> => {
  const batch = await getOwnBatch(deps, caller, batchId, (id) => lockIdleBatch(tx, id))
  if (batch.state !== 'open' && batch.state !== 'failed') throw new GatewayError('batch_state')
  if (batch.format !== 'resign') requireComplete(batch, await countReceived(tx, batch.batchId))
  const certificate = await findCurrentSigningCertificate(tx, batch.issuerCode)
  if (certificate === undefined) {
    throw new GatewayError('precondition_failed', '该机构还没有登记证照签发证书,不能入库')
  }
  await startValidation(tx, batch.batchId, certificate.certificateId)
  await addHand(tx, batch.batchId, caller)
  startWorkOnBatch(deps, batch.batchId)
  const detail = { batchId: batch.batchId, certificateId: certificate.certificateId }
  return batchAnswer(tx, batch.batchId, {
    status: 202,
    deed: { action: 'batch.validate', decision: 'allowed', detail },
  })
}

const requireComplete = (batch: Batch, received: ReceivedRows): void => {
  const errors = [
    { pointer: '/expectedChunks', expected: batch.expectedChunks, found: received.chunks },
    { pointer: '/expectedRows', expected: batch.expectedRows, found: received.rows },
  ].filter(({ expected, found }) => expected !== found)
  if (errors.length === 0) return
  throw new GatewayError('validation_failed', '批次还没有收齐,不能校验', {
    errors: errors.map(({ pointer, expected, found }) => ({
      pointer,
      code: 'incomplete',
      detail: `申报 ${String(expected)},收到 ${String(found)}`,
    })),
  })
}
