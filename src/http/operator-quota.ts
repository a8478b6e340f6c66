import type { SlidingWindows } from './sliding-window.ts'
import { moveToEnd, type RateState } from './token-bucket.ts'

/** Whose acts are counted. */
export type OperatorOfClient = { readonly clientId: string; readonly operatorId: string }

/** What is filed of operators' acts by others than this process, as far as the ledger knows. */
export type FiledActs = {
  readonly count: (operator: OperatorOfClient, since: Date) => Promise<number>
  /** False while nothing can be filed that this process has not counted itself. */
  readonly mayBeElsewhere: () => boolean
  /** False while nobody else adds to them, so that what was found can only become less. */
  readonly grow?: () => boolean
}

export type OperatorQuota = {
  readonly take: (operator: OperatorOfClient, nowMs: number) => RateState | Promise<RateState>
}

const freshForMs = 1000
const keysMax = 100_000

/**
 * One window an operator over all nodes and restarts: this process counts its own, and what others have
 * filed counts, too. The ledger is asked at an operator's first act, and then beside the
 * request once a second, so that two nodes together let through a second's worth too many at most.
 */
export const createOperatorQuota = (
  windows: SlidingWindows,
  filed: FiledActs,
  windowMs: number,
): OperatorQuota => {
  const elsewhere = new Map<string, { readonly count: number; readonly atMs: number }>()
  const read = async (operator: OperatorOfClient, nowMs: number): Promise<number> => {
    const key = keyOf(operator)
    const count = await filed.count(operator, new Date(nowMs - windowMs))
    moveToEnd(elsewhere, key, { count, atMs: nowMs }, keysMax)
    return count
  }
  return {
    take: (operator, nowMs) => {
      const key = keyOf(operator)
      if (!filed.mayBeElsewhere()) return windows.take(key, nowMs)
      const known = elsewhere.get(key)
      if (known === undefined)
        return read(operator, nowMs).then((count) => windows.take(key, nowMs, count))
      // Nobody waits for this one: what it finds counts from the next act on.
      const freshMs = filed.grow?.() === false ? windowMs / 10 : freshForMs
      if (Math.abs(nowMs - known.atMs) >= freshMs) read(operator, nowMs).catch(() => undefined)
      return windows.take(key, nowMs, known.count)
    },
  }
}

const keyOf = ({ clientId, operatorId }: OperatorOfClient): string => `${clientId} ${operatorId}`
