/** How long the hall's last calls took. */
export type LatencyWindow = {
  readonly add: (tookMs: number) => void
  /** Undefined while there is no call in the window. */
  readonly percentile: (share: number) => number | undefined
}

/** The last 512 calls of the last five minutes. */
export const makeLatencyWindow = (
  elapsedMs: () => number,
  size = 512,
  keptMs = 300_000,
): LatencyWindow => {
  let samples: readonly { readonly atMs: number; readonly tookMs: number }[] = []
  return {
    add: (tookMs) => {
      samples = [...samples.slice(1 - size), { atMs: elapsedMs(), tookMs }]
    },
    percentile: (share) => {
      const since = elapsedMs() - keptMs
      const kept = samples.filter(({ atMs }) => atMs > since).map(({ tookMs }) => tookMs)
      const sorted = kept.sort((one, other) => one - other)
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    },
  }
}
