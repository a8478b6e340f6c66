import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { Batch } from './batch.ts'
import { findReleasing, finishRollback, lockIdleBatch, type StockDb } from './batch-store.ts'
import { batchAnswer } from './get-batch.ts'
import { getOwnBatch } from './get-own-batch.ts'
import { findRollbackAsk, type RollbackAsk, saveRollbackAsk } from './rollback-ask-store.ts'
import type { StockDeps } from './stock-deps.ts'
import { keepEndings, lockIssuer, revertSupersessions } from './supersession-store.ts'

const askValidForMs = 24 * 3_600_000

/**
 * Takes a released batch back, by two people: the first to call asks (202), another within 24 hours
 * carries it out (200). Its licences are found no more, the versions that it replaced are in force again,
 * unless their department has ended them since. What was disclosed in the meantime stays in the log.
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
  const now = deps.clock.now()
  const asked = await findRollbackAsk(tx, batch.batchId)
  if (asked === undefined || now.getTime() - asked.askedAt.getTime() >= askValidForMs)
    return ask(tx, batch, { clientId: caller.clientId, askedAt: now })
  requireAnother(caller, asked)
  await keepEndings(tx, batch.batchId)
  await revertSupersessions(tx, batch.batchId)
  await finishRollback(tx, batch.batchId, now)
  return rollbackAnswer(tx, batch, { status: 200, detail: { askedBy: asked.clientId } })
}

const ask = async (
  tx: StockDb,
  batch: Batch,
  by: Pick<RollbackAsk, 'clientId' | 'askedAt'>,
): Promise<Answer> => {
  await saveRollbackAsk(tx, batch.batchId, by)
  return rollbackAnswer(tx, batch, { status: 202, detail: { asked: true } })
}

const requireAnother = (caller: Caller, asked: RollbackAsk): void => {
  const isSamePerson = asked.operatorId !== null && asked.operatorId === caller.operatorId
  if (caller.clientId === asked.clientId || isSamePerson)
    throw new GatewayError('release_needs_second_person', '撤回须由另一人的证书确认')
}

const rollbackAnswer = (
  tx: StockDb,
  { batchId, issuerCode }: Batch,
  {
    status,
    detail,
  }: { readonly status: 200 | 202; readonly detail: Record<string, string | true> },
): Promise<Answer> =>
  batchAnswer(tx, batchId, {
    status,
    deed: {
      action: status === 202 ? 'batch.rollback_ask' : 'batch.rollback',
      decision: 'allowed',
      detail: { batchId, issuerCode, ...detail },
    },
  })
