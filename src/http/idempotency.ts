/**
 * How long a write may hold its key before another run may take over. A run that lost its lease cannot
 * commit, so a short one costs at most work done in vain; after a crash nobody waits longer.
 */
export const leaseMs = 20_000
/** How long a key and its result are kept. */
export const keptMs = 7 * 24 * 3_600_000

/** One key of one client, and the request that it stands for. */
export type IdempotentRequest = {
  readonly clientId: string
  readonly key: string
  /** `POST /v1/cases`, with the query. */
  readonly methodPath: string
  /** Keyed, like everything made of names and numbers; under the current key. */
  readonly bodyDigest: Uint8Array
  /** The same under every valid key. */
  readonly bodyDigests: readonly Uint8Array[]
}

/** A key that this run of the request holds until it commits, fails or the lease is over. */
export type Reservation = IdempotentRequest & {
  readonly leaseUntil: Date
  /** The answer that an earlier run committed: to be replayed instead of acting again. */
  readonly first: StoredResult | undefined
  /** A result that is too old stands under the key and gives way. */
  readonly replaces: boolean
}

export type StoredResult = {
  readonly receiptNo: string
  readonly status: 200 | 201 | 202
  /** JCS of the data as it was answered, or of what the endpoint keeps to make it again. */
  readonly dataText: string
}

/** What the table holds under a key. */
export type KeyState = {
  readonly methodPath: string
  readonly bodyDigest: Uint8Array
  readonly leaseUntil: Date
  readonly createdAt: Date
  readonly result: StoredResult | undefined
}

/** What becomes of a request whose key is known. */
export type KeyVerdict =
  | { readonly case: 'reused' }
  | { readonly case: 'in_progress'; readonly retryAfterMs: number }
  | { readonly case: 'replay'; readonly result: StoredResult }
  /** Too old, or its run died: this request may act. */
  | { readonly case: 'free' }

/** Judges a known key against the request that brings it. */
export const judgeKey = (state: KeyState, request: IdempotentRequest, now: Date): KeyVerdict => {
  if (now.getTime() - state.createdAt.getTime() >= keptMs) return { case: 'free' }
  const isSame =
    state.methodPath === request.methodPath &&
    request.bodyDigests.some((digest) => Buffer.compare(state.bodyDigest, digest) === 0)
  if (!isSame) return { case: 'reused' }
  if (state.result !== undefined) return { case: 'replay', result: state.result }
  const leftMs = state.leaseUntil.getTime() - now.getTime()
  return leftMs > 0
    ? { case: 'in_progress', retryAfterMs: Math.min(leftMs, 1000) }
    : { case: 'free' }
}
