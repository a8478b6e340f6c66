import type { Dispatcher } from './dispatcher.ts'
import type { HallView } from './hall-view.ts'

/**
 * The halls' states now and after every change, newest only: a slow reader misses what lay between, it
 * never makes a queue grow. Ends with the signal; leaves no listener behind.
 * @param pauseMs least time between two answers, so that a busy hall does not flood its watchers.
 */
export async function* watchHalls(
  dispatcher: Pick<Dispatcher, 'states' | 'subscribe'>,
  signal: AbortSignal,
  pauseMs = 250,
): AsyncGenerator<readonly HallView[], void, undefined> {
  const bell = makeBell()
  const leave = dispatcher.subscribe(bell.ring)
  signal.addEventListener('abort', bell.ring, { once: true })
  try {
    while (!isOver(signal)) {
      yield dispatcher.states()
      await pause(pauseMs, signal)
      await bell.wait(signal)
    }
  } finally {
    leave()
    signal.removeEventListener('abort', bell.ring)
  }
}

/** Read through a function: the flag changes while we wait, which the compiler cannot know. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

type Bell = { readonly ring: () => void; readonly wait: (signal: AbortSignal) => Promise<void> }

const makeBell = (): Bell => {
  let isRung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      isRung = true
      wake?.()
    },
    wait: async (signal) => {
      if (!isRung && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      isRung = false
      wake = undefined
    },
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
