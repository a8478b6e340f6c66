import type { Companion as Row, Json } from '../contract/endpoint.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { SearchColumns } from './event.ts'
import type { KeptRequest } from './kept-request.ts'

/**
 * A row that commits with the event. When its primary key exists already: `error` (the default) refuses
 * the filing, `ignore` keeps the old row, `replace` overwrites it, `lost` refuses the filing with
 * idempotency_in_progress.
 */
export type Companion = Omit<Row, 'conflict'> & { readonly conflict?: CompanionConflict }
export type CompanionConflict = 'error' | 'ignore' | 'replace' | 'lost'

export type Nonce = {
  readonly clientId: string
  readonly nonce: string
  readonly keptUntil: Date
}

/** Everything that one exchange leaves behind. */
export type Filing = {
  readonly no: ReceiptNo
  /** The complete event, see makeEvent. */
  readonly event: Json
  readonly search: SearchColumns
  readonly nonce?: Nonce
  readonly request?: KeptRequest
  readonly companions?: readonly Companion[]
}

/** What the caller gets: anyone with the log's public key can check it offline. */
export type Receipt = {
  readonly no: ReceiptNo
  /** base64url of the event's bytes. */
  readonly event: string
  /** base64url of 32 random bytes. */
  readonly salt: string
  /** C2SP tlog-proof. */
  readonly proof: string
}
