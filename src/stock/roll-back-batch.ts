import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { findReleasing, finishRollback, lockIdleBatch, type StockDb } from './batch-store.ts'
import { batchAnswer } from './get-batch.ts'
import { getOwnBatch } from './get-own-batch.ts'
import type { StockDeps } from './stock-deps.ts'
import { lockIssuer, revertSupersessions } from './supersession-store.ts'

/**
 * Takes a released batch back: its licences are found no more, the versions that it replaced are in force
 * again. What was disclosed in the meantime stays in the log.
 * @throws GatewayError batch_not_found, batch_state, release_needs_second_person
 */
export const rollBackBatch = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  batchId: string,
): Promise<Answer> => {
  const batch = await getOwnBatch(deps, caller, batchId, (id) => lockIdleBatch(tx, id))
  if (batch.state !== 'released') throw new GatewayError('batch_state')
  if (caller.kind !== 'person') throw new GatewayError('release_needs_second_person')
  await lockIssuer(tx, batch.issuerCode)
  // What a release under way replaces was found while this batch still stood.
  if ((await findReleasing(tx, batch.issuerCode)) !== undefined) {
    throw new GatewayError('batch_state', '该机构另有一批正在放行,请稍后再试')
  }
  await revertSupersessions(tx, batch.batchId)
  await finishRollback(tx, batch.batchId, deps.clock.now())
  return batchAnswer(tx, batch.batchId, {
    status: 200,
    deed: {
      action: 'batch.rollback',
      decision: 'allowed',
      detail: { batchId: batch.batchId, issuerCode: batch.issuerCode },
    },
  })
}
