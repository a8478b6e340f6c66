/** A place among the calls that a hall may have at once; given back exactly once. */
export type Release = () => void

export type CallGate = {
  /** @param callerId who asks: callers that wait get their turns one after the other. */
  readonly enter: (
    signal: AbortSignal,
    callerId: string,
  ) => Promise<Release | 'queue_full' | 'aborted'>
  readonly inFlight: () => number
  readonly queued: () => number
}

type Waiter = (result: Release | 'queue_full' | 'aborted') => void

/**
 * At most `maxInFlight` inside, at most `maxQueued` waiting, the rest is refused. A caller's own calls
 * are served in order of arrival, callers in turn; when the queue is full, the last of whoever waits
 * with most makes room for a caller with fewer. So nobody starves beside one that floods the hall.
 */
export const makeCallGate = (maxInFlight: number, maxQueued: number): CallGate => {
  let inside = 0
  const queue = makeFairQueue()

  const release = (): Release => {
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      const next = queue.next()
      if (next === undefined) inside -= 1
      else next(release())
    }
  }
  const wait = (signal: AbortSignal, callerId: string): ReturnType<CallGate['enter']> =>
    new Promise((resolve) => {
      const settle: Waiter = (result) => {
        queue.remove(callerId, settle)
        signal.removeEventListener('abort', onAbort)
        resolve(result)
      }
      const onAbort = (): void => {
        settle('aborted')
      }
      queue.add(callerId, settle)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  return {
    enter: async (signal, callerId) => {
      if (signal.aborted) return 'aborted'
      if (inside < maxInFlight) {
        inside += 1
        return release()
      }
      if (queue.size() >= maxQueued && !queue.makeRoom(callerId)) return 'queue_full'
      return wait(signal, callerId)
    },
    inFlight: () => inside,
    queued: queue.size,
  }
}

/** The order of the map is the order of the turns. */
const makeFairQueue = () => {
  const lines = new Map<string, Set<Waiter>>()
  const lineOf = (callerId: string): Set<Waiter> => lines.get(callerId) ?? new Set()
  return {
    size: (): number => [...lines.values()].reduce((sum, line) => sum + line.size, 0),
    add: (callerId: string, waiter: Waiter): void => {
      lines.set(callerId, lineOf(callerId).add(waiter))
    },
    remove: (callerId: string, waiter: Waiter): void => {
      const line = lineOf(callerId)
      line.delete(waiter)
      if (line.size === 0) lines.delete(callerId)
    },
    next: (): Waiter | undefined => {
      const [first] = lines
      if (first === undefined) return undefined
      const [callerId, line] = first
      const [waiter] = line
      lines.delete(callerId)
      lines.set(callerId, line)
      return waiter
    },
    /** False where the caller itself waits with most. */
    makeRoom: (callerId: string): boolean => {
      const longest = [...lines.values()].reduce<Set<Waiter>>(
        (most, line) => (line.size > most.size ? line : most),
        new Set(),
      )
      if (longest.size <= lineOf(callerId).size + 1) return false
      ;[...longest].at(-1)?.('queue_full')
      return true
    },
  }
}
