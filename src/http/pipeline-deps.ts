import type { AccessDirectory } from '../access/access-directory.ts'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { KeyCache } from '../crypto/key-cache.ts'
import type { SignatureVerifier } from '../crypto/verify-signature.ts'
import type { Filing, Receipt } from '../ledger/filing.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import type { IdempotentRequest, KeyState } from './idempotency.ts'
import type { InFlight } from './in-flight.ts'
import type { HttpLimits } from './limits.ts'
import type { ObserveRequest } from './observe-request.ts'
import type { NonceScreen } from './nonce-screen.ts'
import type { OperatorQuota } from './operator-quota.ts'
import type { TokenBuckets } from './token-bucket.ts'

/** What the pipeline needs of the ledger. */
export type EvidenceLedger = {
  readonly file: (filing: Filing) => Promise<Receipt>
  readonly enqueue: (tx: Tx, filing: Filing) => Promise<void>
  readonly settle: (no: ReceiptNo) => Promise<Receipt>
}

/** Structured log; nothing personal goes in. pino's loggers fit. */
export type LogSink = {
  readonly info: (facts: Readonly<Record<string, unknown>>, message: string) => void
  readonly error: (facts: Readonly<Record<string, unknown>>, message: string) => void
}

export type PipelineDeps = {
  /** Scheme and authority under which the gateway is known outside, without a slash at the end. */
  readonly publicUrl: string
  readonly directory: AccessDirectory
  readonly store: Pick<Store, 'db'>
  readonly ledger: EvidenceLedger
  readonly dataKeys: Pick<DataKeys, 'seal' | 'open' | 'indexAll'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly logger: LogSink
  readonly limits: HttpLimits
  readonly observe?: ObserveRequest
  /** Of events, answers and bodies; the gm profile takes bodies under no other. */
  readonly digestName: DigestName
  readonly keys: KeyCache
  /** Signature algorithms beside the built-in ones, e.g. `SM2-SM3`. */
  readonly verifiers: ReadonlyMap<string, SignatureVerifier>
  readonly clientBuckets: TokenBuckets
  readonly operatorQuota: OperatorQuota
  readonly nonces: NonceScreen
  /** What stands under an idempotency key. */
  readonly findKeyState: (request: IdempotentRequest) => Promise<KeyState | undefined>
  /** Requests, by nothing; requests of verified clients, by client; streamed bodies, by client. */
  readonly requests: InFlight
  readonly clientRequests: InFlight
  readonly streams: InFlight
  /** Streams of events, by client. */
  readonly followers: InFlight
  /** Fires when the gateway is to stop: streams end. */
  readonly stopping?: AbortSignal
  /** Keys of reads that this process is answering. */
  readonly readsInFlight: Set<string>
  /** Called for each refusal of a request whose signature was not yet verified. */
  readonly countRefusal: (code: string) => void
}
