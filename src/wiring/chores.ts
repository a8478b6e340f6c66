/** Work that no answer waits for, and that must have ended before the database is closed. */
export type Chores = {
  readonly run: (work: () => Promise<unknown>) => void
  readonly settled: () => Promise<void>
}

export const createChores = (onError: (error: unknown) => void): Chores => {
  const running = new Set<Promise<void>>()
  return {
    run: (work) => {
      const chore = work()
        .then(() => undefined, onError)
        .finally(() => running.delete(chore))
      running.add(chore)
    },
    settled: async () => {
      await Promise.all(running)
    },
  }
}
