import { setMaxListeners } from 'node:events'

export type Deadline = { readonly signal: AbortSignal; readonly end: () => void }

/**
 * A signal that fires after so long or with its parent, whichever is first. `end` must be called: it
 * takes back the timer and the listener. (AbortSignal.any and .timeout keep theirs until they fire.)
 */
export const openDeadline = (ms: number, parent?: AbortSignal): Deadline => {
  const controller = new AbortController()
  // A set of two hundred materials listens to one deadline, all tickets to one stop: no leak.
  setMaxListeners(0, controller.signal, ...(parent === undefined ? [] : [parent]))
  const fire = (): void => {
    controller.abort()
  }
  const timer = setTimeout(fire, ms)
  if (parent?.aborted === true) fire()
  parent?.addEventListener('abort', fire, { once: true })
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      parent?.removeEventListener('abort', fire)
    },
  }
}

/**
 * The work's own value, or `late()` when it has not settled a moment after the signal: a call that
 * honours its deadline still gets to say what it knows, one that does not cannot hold up its caller.
 */
export const raceDeadline = async <Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  late: () => Value,
  graceMs = 40,
): Promise<Value> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      timer = setTimeout(() => {
        resolve(late())
      }, graceMs)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    })
  })
