import { moveToEnd, type RateState } from './token-bucket.ts'

export type SlidingWindows = {
  /** `elsewhere` were let through by others in the same window. */
  readonly take: (key: string, nowMs: number, elsewhere?: number) => RateState
}

/**
 * At most `count` requests of a key in any `windowMs`, in this process only. Unlike a bucket it never
 * lets one more through at the edge: it remembers when each of the last `count` came.
 */
export const createSlidingWindows = (limits: {
  readonly count: number
  readonly windowMs: number
  readonly keysMax?: number
}): SlidingWindows => {
  const { count, windowMs, keysMax = 100_000 } = limits
  const windows = new Map<string, number[]>()
  const seenOf = (key: string, nowMs: number): number[] =>
    (windows.get(key) ?? []).filter((atMs) => nowMs - atMs < windowMs)
  return {
    take: (key, nowMs, elsewhere = 0) => {
      const seen = seenOf(key, nowMs)
      const oldestMs = seen[0] ?? nowMs
      const freeInMs = Math.max(0, oldestMs + windowMs - nowMs)
      if (seen.length + elsewhere >= count)
        return { ...state(count, 0, freeInMs), retryAfterMs: Math.max(1, freeInMs) }
      seen.push(nowMs)
      moveToEnd(windows, key, seen, keysMax)
      return state(count, count - seen.length - elsewhere, freeInMs)
    },
  }
}

const state = (limit: number, remaining: number, resetMs: number): RateState => ({
  limit,
  remaining,
  resetSeconds: Math.ceil(resetMs / 1000),
})
