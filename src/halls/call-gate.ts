/** A place among the calls that a hall may have at once; given back exactly once. */
export type Release = () => void

export type CallGate = {
  readonly enter: (signal: AbortSignal) => Promise<Release | 'queue_full' | 'aborted'>
  readonly inFlight: () => number
  readonly queued: () => number
}

type Waiter = (result: Release | 'aborted') => void

/** At most `maxInFlight` inside, at most `maxQueued` waiting in order of arrival; the rest is refused. */
export const makeCallGate = (maxInFlight: number, maxQueued: number): CallGate => {
  let inside = 0
  const waiting = new Set<Waiter>()

  const release = (): Release => {
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      const [next] = waiting
      if (next === undefined) inside -= 1
      else next(release())
    }
  }
  const wait = (signal: AbortSignal): Promise<Release | 'aborted'> =>
    new Promise((resolve) => {
      const settle: Waiter = (result) => {
        waiting.delete(settle)
        signal.removeEventListener('abort', onAbort)
        resolve(result)
      }
      const onAbort = (): void => {
        settle('aborted')
      }
      waiting.add(settle)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  return {
    enter: async (signal) => {
      if (signal.aborted) return 'aborted'
      if (inside < maxInFlight) {
        inside += 1
        return release()
      }
      return waiting.size >= maxQueued ? 'queue_full' : wait(signal)
    },
    inFlight: () => inside,
    queued: () => waiting.size,
  }
}
