import { setTimeout } from 'node:timers/promises'

/** Background work by name: one at a time for each, tried again after a failure until it succeeds. */
export type Jobs = {
  /** Starts the work unless it runs already; then it runs once more afterwards. */
  readonly start: (name: string, work: JobWork) => void
  /** Ends all work at its next step; resolves when nothing runs any more. */
  readonly stop: () => Promise<void>
  /** Resolves when nothing runs or waits. */
  readonly idle: () => Promise<void>
}

export type JobWork = (signal: AbortSignal) => Promise<void>

export type JobOptions = {
  readonly onError: (name: string, error: unknown) => void
  readonly retryMs?: { readonly first: number; readonly most: number }
  /** How many run at once; each holds up to three database connections. */
  readonly atOnce?: number
}

/** Jobs in this process; what they do must be resumable, since a crash simply ends them. */
export const createJobs = ({
  onError,
  retryMs = { first: 1000, most: 60_000 },
  atOnce = 2,
}: JobOptions): Jobs => {
  const running = new Map<string, { again: boolean; readonly done: Promise<void> }>()
  const abort = new AbortController()
  const { signal } = abort

  const slots = createSlots(atOnce)

  const run = async (name: string, work: JobWork): Promise<void> => {
    let delayMs = retryMs.first
    for (;;) {
      try {
        await slots.use(() => work(signal))
        const job = running.get(name)
        if (job === undefined || !job.again || signal.aborted) return
        job.again = false
      } catch (error) {
        if (signal.aborted) return
        onError(name, error)
        await setTimeout(delayMs, undefined, { signal }).catch(() => undefined)
        delayMs = Math.min(delayMs * 2, retryMs.most)
      }
    }
  }

  return {
    start: (name, work) => {
      if (signal.aborted) return
      const job = running.get(name)
      if (job !== undefined) {
        job.again = true
        return
      }
      const done = Promise.resolve()
        .then(() => run(name, work))
        .finally(() => running.delete(name))
      running.set(name, { again: false, done })
    },
    stop: async () => {
      abort.abort()
      await Promise.all([...running.values()].map(({ done }) => done))
    },
    idle: async () => {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}

/** Lets so many through at once, the others in order. */
const createSlots = (count: number) => {
  let free = count
  const waiting: (() => void)[] = []
  return {
    use: async (work: () => Promise<void>): Promise<void> => {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free++
        else next()
      }
    },
  }
}
