/** What RateLimit-* headers say after a request was counted. */
export type RateState = {
  readonly limit: number
  readonly remaining: number
  /** Until the bucket is full again. */
  readonly resetSeconds: number
  /** Set when the request is one too many. */
  readonly retryAfterMs?: number
}

export type TokenBuckets = { readonly take: (key: string, nowMs: number) => RateState }

/**
 * One bucket a key, in this process only: `burst` tokens at most, `perSecond` new ones. Beyond `keysMax`
 * keys the one is forgotten that has been quiet longest, so that its bucket is the fullest.
 */
export const createTokenBuckets = (limits: {
  readonly perSecond: number
  readonly burst: number
  readonly keysMax?: number
}): TokenBuckets => {
  const { perSecond, burst, keysMax = 100_000 } = limits
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    take: (key, nowMs) => {
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs }
      // A clock that jumps back refills nothing and takes nothing.
      const passedMs = Math.max(0, nowMs - bucket.atMs)
      bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * perSecond) / 1000)
      bucket.atMs = nowMs
      moveToEnd(buckets, key, bucket, keysMax)
      const allowed = bucket.tokens >= 1
      if (allowed) bucket.tokens -= 1
      const state = {
        limit: burst,
        remaining: Math.floor(bucket.tokens),
        resetSeconds: Math.ceil((burst - bucket.tokens) / perSecond),
      }
      if (allowed) return state
      return { ...state, retryAfterMs: Math.ceil(((1 - bucket.tokens) / perSecond) * 1000) }
    },
  }
}

/** Sets the entry as the youngest of the map, and drops the oldest when there are too many. */
export const moveToEnd = <Value>(
  entries: Map<string, Value>,
  key: string,
  value: Value,
  entriesMax: number,
): void => {
  entries.delete(key)
  const oldest = entries.keys().next()
  if (entries.size >= entriesMax && oldest.done !== true) entries.delete(oldest.value)
  entries.set(key, value)
}
