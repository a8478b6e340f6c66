import type { Deed } from '../contract/endpoint.ts'
import type { Exchange } from './exchange.ts'
import type { StoredResult } from './idempotency.ts'

export const replayHeaders = { 'idempotent-replayed': 'true' } as const

/** What a replay says about itself: the receipt of the first answer, and what the use case says now. */
export const replayDeed = (
  { endpoint }: Exchange,
  first: StoredResult,
  now: Partial<Deed> = {},
): Deed => ({
  ...now,
  action: 'replay',
  decision: 'allowed',
  detail: { operation: endpoint.operationId, firstReceiptNo: first.receiptNo },
})
