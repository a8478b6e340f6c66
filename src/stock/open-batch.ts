import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type BatchId, type Uscc } from '../contract/ids.ts'
import { newUuidV7, type RandomBytes } from '../contract/uuid.ts'
import { addHand } from './batch-hand-store.ts'
import { findBatch, insertBatch, type StockDb } from './batch-store.ts'
import { batchView } from './batch-view.ts'
import { actsFor, type FindDepartment } from './get-own-batch.ts'

export const openBatchBody = z.strictObject({
  issuerCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .transform((code) => asId<Uscc>(code)),
  format: z.literal('ndjson'),
  typeCodes: z
    .array(z.string().regex(/^[0-9A-Z]{21}$/))
    .min(1)
    .max(200)
    .exactOptional(),
  expectedRows: z.int().min(1).max(50_000_000),
  expectedChunks: z.int().min(1).max(100_000),
})

export type OpenBatchDeps = {
  readonly findDepartment: FindDepartment
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

/**
 * Opens a batch for one issuing department, the caller's own or one beneath it.
 * @throws GatewayError scope_missing
 */
export const openBatch = async (
  { findDepartment, clock, randomBytes }: OpenBatchDeps,
  tx: StockDb,
  caller: Caller,
  body: z.output<typeof openBatchBody>,
): Promise<Answer> => {
  const department = await findDepartment(body.issuerCode)
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '只能为本部门或所属机构建立入库批次')
  }
  const now = clock.now()
  const batchId = asId<BatchId>(newUuidV7(now.getTime(), randomBytes))
  await insertBatch(tx, { ...body, batchId, typeCodes: body.typeCodes ?? null }, now)
  await addHand(tx, batchId, caller)
  const batch = await findBatch(tx, batchId)
  if (batch === undefined) throw new RangeError('a batch is gone within its own transaction')
  return {
    status: 201,
    data: batchView(batch, { received: { chunks: 0, rows: 0 }, keyCustody: null }),
    deed: {
      action: 'batch.open',
      decision: 'allowed',
      detail: {
        batchId,
        issuerCode: body.issuerCode,
        expectedRows: body.expectedRows,
        expectedChunks: body.expectedChunks,
      },
    },
  }
}
