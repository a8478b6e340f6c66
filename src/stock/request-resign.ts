import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type BatchId, type Uscc } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import { findCurrentSigningCertificate } from '../licences/signing-certificate-store.ts'
import { addHand } from './batch-hand-store.ts'
import { insertBatch, type StockDb } from './batch-store.ts'
import { batchAnswer } from './get-batch.ts'
import { actsFor } from './get-own-batch.ts'
import { countResignSources } from './resign-store.ts'
import type { StockDeps } from './stock-deps.ts'

export const resignBody = z.strictObject({
  issuerCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .transform((code) => asId<Uscc>(code)),
  reason: z.enum(['certificate_renewed', 'key_compromised']),
})

/**
 * Opens a batch that the gateway fills itself when it is validated: every licence in force under an older
 * certificate of the department, fixed anew under the present one. Another steward releases it like any
 * batch; the old credentials stay as evidence and link to the new ones.
 * @throws GatewayError scope_missing, precondition_failed
 */
export const requestResign = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  { issuerCode, reason }: z.output<typeof resignBody>,
): Promise<Answer> => {
  const department = await deps.findDepartment(issuerCode)
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '只能重新签发本部门或所属机构的证照')
  }
  const certificate = await findCurrentSigningCertificate(tx, issuerCode)
  if (certificate === undefined) {
    throw new GatewayError('precondition_failed', '该机构还没有登记证照签发证书')
  }
  const { certificateId } = certificate
  const expectedRows = await countResignSources(tx, { issuerCode, certificateId })
  if (expectedRows === 0) {
    throw new GatewayError('precondition_failed', '没有须重新签发的证照:都在现行证书之下')
  }
  const now = deps.clock.now()
  const batchId = asId<BatchId>(newUuidV7(now.getTime(), deps.randomBytes))
  const batch = { issuerCode, format: 'resign', typeCodes: null, expectedRows, expectedChunks: 1 }
  await insertBatch(tx, { ...batch, batchId }, now)
  await addHand(tx, batchId, caller)
  return batchAnswer(tx, batchId, {
    status: 201,
    deed: {
      action: 'batch.resign',
      decision: 'allowed',
      detail: { batchId, issuerCode, reason, certificateId, expectedRows },
    },
  })
}
