import { z } from 'zod'
import { cityTimeOf } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { type Batch, batchStates } from './batch.ts'
import type { ReceivedRows } from './chunk-store.ts'

export const batchData = z.object({
  batchId: z.uuid(),
  issuerCode: z.string(),
  format: z.string(),
  typeCodes: z.array(z.string()).nullable(),
  state: z.enum(batchStates),
  expectedRows: z.int(),
  expectedChunks: z.int(),
  receivedRows: z.int(),
  receivedChunks: z.int(),
  counts: z
    .object({
      valid: z.int(),
      warned: z.int(),
      duplicate: z.int(),
      quarantined: z.int(),
      ending: z.int(),
    })
    .nullable(),
  /** base64url; what a release has to name. */
  root: z.string().nullable(),
  certificateId: z.string().nullable(),
  keyCustody: z.enum(['department', 'gateway']).nullable(),
  failure: z.string().nullable(),
  createdAt: z.string(),
  validatedAt: z.string().nullable(),
  releasedAt: z.string().nullable(),
  rolledBackAt: z.string().nullable(),
  /** A first person asked for a rollback; within 24 hours a second one carries it out. */
  rollbackAskedAt: z.string().nullable(),
})

export type BatchExtras = {
  readonly received: ReceivedRows
  readonly keyCustody: 'department' | 'gateway' | null
}

/** A batch as its department sees it. No personal data. */
export const batchView = (batch: Batch, { received, keyCustody }: BatchExtras) => ({
  batchId: batch.batchId,
  issuerCode: batch.issuerCode,
  format: batch.format,
  typeCodes: batch.typeCodes === null ? null : [...batch.typeCodes],
  state: batch.state,
  expectedRows: batch.expectedRows,
  expectedChunks: batch.expectedChunks,
  receivedRows: received.rows,
  receivedChunks: received.chunks,
  counts: batch.counts === null ? null : { ...batch.counts },
  root: batch.root === null ? null : encodeBase64Url(batch.root),
  certificateId: batch.certificateId,
  keyCustody,
  failure: batch.failure,
  createdAt: cityTimeOf(batch.createdAt),
  validatedAt: timeOrNull(batch.validatedAt),
  releasedAt: timeOrNull(batch.releasedAt),
  rolledBackAt: timeOrNull(batch.rolledBackAt),
  rollbackAskedAt: timeOrNull(batch.rollbackAskedAt),
})

const timeOrNull = (instant: Date | null): string | null =>
  instant === null ? null : cityTimeOf(instant)
