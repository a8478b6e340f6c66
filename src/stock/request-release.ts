import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer, SignedRequest } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { type Batch, emptyCounts, orderOf, startOfWork } from './batch.ts'
import { addHand, findHands } from './batch-hand-store.ts'
import { findReleasing, lockIdleBatch, startRelease, type StockDb } from './batch-store.ts'
import { batchAnswer } from './get-batch.ts'
import { getOwnBatch } from './get-own-batch.ts'
import { requireFewEndings } from './require-few-endings.ts'
import { countStaleSources } from './resign-store.ts'
import type { StockDeps } from './stock-deps.ts'
import { lockIssuer } from './supersession-store.ts'
import { startWorkOnBatch } from './work-on-batch.ts'

export const releaseBody = z.strictObject({
  /** base64url of the root that the validated batch shows. */
  root: z.string().regex(/^[0-9A-Za-z_-]{43}$/),
  rows: z.int().min(1),
})

export type ReleaseRequest = {
  readonly batchId: string
  readonly body: z.output<typeof releaseBody>
  readonly signed: SignedRequest
}

const certificateDaysMin = 90

/**
 * Takes a second person's order to sign and show a validated batch; the signed request itself is kept as
 * the release order. The work is done in the background.
 * @throws GatewayError batch_not_found, batch_state, release_needs_second_person, precondition_failed,
 * drop_guard
 */
export const requestRelease = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  { batchId, body, signed }: ReleaseRequest,
): Promise<Answer> => {
  const batch = await getOwnBatch(deps, caller, batchId, (id) => lockIdleBatch(tx, id))
  if (batch.state !== 'validated') throw new GatewayError('batch_state')
  await requireSecondPerson(tx, batch, caller)
  requireSameContent(batch, body)
  const certificate = await requireLastingCertificate(deps, tx, batch)
  await lockIssuer(tx, batch.issuerCode)
  if ((await findReleasing(tx, batch.issuerCode)) !== undefined) {
    throw new GatewayError('batch_state', '该机构另有一批正在放行,请稍后再试')
  }
  await requireFewEndings(deps.clock, tx, batch)
  await requireSourcesStand(tx, batch)
  await startRelease(tx, batch.batchId, {
    order: orderOf(signed),
    progress: { ...startOfWork, counts: batch.counts ?? emptyCounts },
  })
  await addHand(tx, batch.batchId, caller)
  startWorkOnBatch(deps, batch.batchId)
  return batchAnswer(tx, batch.batchId, {
    status: 202,
    deed: {
      action: 'batch.release',
      decision: 'allowed',
      detail: { batchId: batch.batchId, issuerCode: batch.issuerCode, ...body, ...certificate },
    },
  })
}

/** A renewed certificate, or another key of theirs, is still the same person's. */
const requireSecondPerson = async (tx: StockDb, batch: Batch, caller: Caller): Promise<void> => {
  const hands = await findHands(tx, batch.batchId)
  const isHand = hands.some(
    ({ certificateId, clientId, operatorId }) =>
      certificateId === caller.certificateId ||
      clientId === caller.clientId ||
      (operatorId !== null && operatorId === caller.operatorId),
  )
  if (caller.kind !== 'person' || isHand) throw new GatewayError('release_needs_second_person')
}

const requireSameContent = (batch: Batch, { root, rows }: ReleaseRequest['body']): void => {
  const isSame =
    batch.root !== null && encodeBase64Url(batch.root) === root && batch.counts?.valid === rows
  if (!isSame) {
    throw new GatewayError('precondition_failed', '根值或行数与校验结果不符,请重新读取批次后再签')
  }
}

const requireLastingCertificate = async (deps: StockDeps, tx: StockDb, batch: Batch) => {
  const certificate = await findSigningCertificate(tx, batch.certificateId ?? '')
  const leftMs = (certificate?.notAfter.getTime() ?? 0) - deps.clock.now().getTime()
  if (certificate === undefined || leftMs < certificateDaysMin * 86_400_000) {
    throw new GatewayError(
      'precondition_failed',
      `签发证书剩余有效期不足 ${String(certificateDaysMin)} 天,请先换发证书,再重新校验`,
    )
  }
  const { certificateId, keyCustody } = certificate
  return { certificateId, keyCustody }
}

/** What was re-signed must still be what is in force; otherwise an old version would come back. */
const requireSourcesStand = async (tx: StockDb, { batchId, format }: Batch): Promise<void> => {
  if (format !== 'resign') return
  const stale = await countStaleSources(tx, batchId)
  if (stale > 0) {
    throw new GatewayError(
      'batch_state',
      `有 ${String(stale)} 份证照在生成之后已更换或终止,请重新建立重新签发的批次`,
    )
  }
}
