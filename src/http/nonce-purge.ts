export type NoncePurgeDeps = {
  /** Forgets some of the nonces that are kept until before an instant, and answers how many; 0 when none is left. */
  readonly forget: (before: Date) => Promise<number>
  readonly now: () => Date
  readonly skewSeconds: number
  /** How often the purge is called. */
  readonly everyMs: number
}

/** By how much a nonce outlives the clock check: nodes' clocks differ. */
export const clockMarginMs = 60_000

/**
 * Answers the purge to call every `everyMs`; it forgets all that is due and answers how many. A clock
 * that jumps ahead and comes back must not make the gateway forget a request that it would then take
 * again: what counts is the earliest time the clock has shown during the last whole window, so that by
 * then the clock check refuses what was used before the jump. Hence nothing is forgotten right after a start.
 */
export const createNoncePurge = (deps: NoncePurgeDeps): (() => Promise<number>) => {
  const windowMs = 2 * deps.skewSeconds * 1000 + clockMarginMs
  const readingsKept = Math.ceil(windowMs / deps.everyMs) + 1
  const shownMs: number[] = []
  let running: Promise<number> | undefined
  return () => {
    shownMs.push(deps.now().getTime())
    if (shownMs.length > readingsKept) shownMs.shift()
    if (shownMs.length < readingsKept) return Promise.resolve(0)
    running ??= forgetAll(deps, new Date(Math.min(...shownMs))).finally(() => {
      running = undefined
    })
    return running
  }
}

const forgetAll = async ({ forget }: NoncePurgeDeps, before: Date): Promise<number> => {
  let count = 0
  for (;;) {
    const forgotten = await forget(before)
    if (forgotten === 0) return count
    count += forgotten
  }
}
