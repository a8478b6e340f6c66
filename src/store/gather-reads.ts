import { setImmediate as turnEnded } from 'node:timers/promises'

/** What waits for the next read. */
type Waiting<Key, Found> = {
  readonly key: Key
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/**
 * Turns a read of many keys into a read of one. What is asked in one turn of the event loop, or while a
 * read is under way, is asked together, so that it needs no timer: an idle gateway reads at once, a busy
 * one in larger batches. Every answer was read after it was asked for. If a read fails, all that were
 * asked together get its error.
 * @param readAll answers one value a key, in order
 */
export const gatherReads = <Key, Found>(
  readAll: (keys: readonly Key[]) => Promise<readonly Found[]>,
  keysMax = 128,
): ((key: Key) => Promise<Found>) => {
  const waiting: Waiting<Key, Found>[] = []
  let reading = false
  const readWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      await turnEnded()
      await answer(waiting.splice(0, keysMax), readAll)
    }
    reading = false
  }
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (reading) return
      reading = true
      void readWaiting()
    })
}

const answer = async <Key, Found>(
  batch: readonly Waiting<Key, Found>[],
  readAll: (keys: readonly Key[]) => Promise<readonly Found[]>,
): Promise<void> => {
  try {
    const found = await readAll(batch.map(({ key }) => key))
    if (found.length !== batch.length) throw new RangeError('one answer for each key')
    for (const [at, value] of found.entries()) batch[at]?.resolve(value)
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
