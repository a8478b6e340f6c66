import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { gatherReads } from '../../src/store/gather-reads.ts'
import { rememberFound } from '../../src/store/remember-found.ts'

/** The turn in which a read was answered, and the one at whose end the next is begun. */
const turnEnded = async (): Promise<void> => {
  await setImmediate()
  await setImmediate()
}

/** A read that answers when it is told to. */
const heldReads = () => {
  const reads: { keys: readonly number[]; answer: () => void; fail: (error: Error) => void }[] = []
  const readAll = (keys: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      reads.push({
        keys,
        answer: () => {
          resolve(keys.map((key) => `found ${String(key)}`))
        },
        fail: reject,
      })
    })
  return { reads, readAll }
}

describe('gatherReads', () => {
  it('reads together what was asked in one turn of the event loop, at its end', async () => {
    const { reads, readAll } = heldReads()
    const read = gatherReads(readAll)
    void read(1)
    await Promise.resolve()
    void read(2)
    await turnEnded()
    expect(reads.map(({ keys }) => keys)).toEqual([[1, 2]])
  })

  it('reads together what was asked while a read was under way, never within it', async () => {
    const { reads, readAll } = heldReads()
    const read = gatherReads(readAll)
    const first = read(1)
    await turnEnded()
    const second = read(2)
    const third = read(2)
    reads[0]?.answer()
    expect(await first).toBe('found 1')
    await turnEnded()
    expect(reads[1]?.keys).toEqual([2, 2])
    reads[1]?.answer()
    expect(await Promise.all([second, third])).toEqual(['found 2', 'found 2'])
  })

  it('asks for no more keys at once than it was told', async () => {
    const sizes: number[] = []
    const read = gatherReads(async (keys: readonly number[]) => {
      sizes.push(keys.length)
      return keys
    }, 3)
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(read))).toEqual([1, 2, 3, 4, 5, 6])
    expect(sizes).toEqual([3, 3])
  })

  it('hands the error of a read to all who asked in it, and goes on', async () => {
    const { reads, readAll } = heldReads()
    const read = gatherReads(readAll)
    const lost = read(1)
    await turnEnded()
    const next = read(2)
    reads[0]?.fail(new Error('connection lost'))
    await expect(lost).rejects.toThrow('connection lost')
    await turnEnded()
    reads[1]?.answer()
    expect(await next).toBe('found 2')
  })

  it('rejects rather than hand out the answer of another key', async () => {
    const read = gatherReads(async () => [])
    await expect(read(1)).rejects.toThrow(RangeError)
  })
})

describe('rememberFound', () => {
  it('asks once for what is there, and again for what was not', async () => {
    const rows = new Map([['a', 1]])
    const asked: string[] = []
    const find = rememberFound(async (key) => {
      asked.push(key)
      return rows.get(key)
    })
    expect([await find('a'), await find('a'), await find('b')]).toEqual([1, 1, undefined])
    rows.set('b', 2)
    expect(await find('b')).toBe(2)
    expect(asked).toEqual(['a', 'b', 'b'])
  })
})
