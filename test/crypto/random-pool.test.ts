import { expect, it } from 'vitest'
import { createRandomPool } from '../../src/crypto/random-pool.ts'

/** Ascending bytes, so that one handed out twice or skipped shows; every draw is kept to look into. */
const countingSource = () => {
  const draws: Uint8Array[] = []
  let next = 0
  const draw = (length: number): Uint8Array => {
    const bytes = Uint8Array.from({ length }, () => next++ % 256)
    draws.push(bytes)
    return bytes
  }
  return { draws, draw }
}

it('hands out no byte of a draw twice', () => {
  const { draw } = countingSource()
  const random = createRandomPool(128, draw)
  const handed = [16, 12, 32, 9].flatMap((length) => [...random(length)])
  expect(handed).toEqual(Array.from({ length: 69 }, (_, at) => at))
})

it('draws anew rather than give less than was asked', () => {
  const { draws, draw } = countingSource()
  const random = createRandomPool(64, draw)
  expect([random(48).length, random(48).length, draws.length]).toEqual([48, 48, 2])
})

it('wipes what it has handed out', () => {
  const { draws, draw } = countingSource()
  const random = createRandomPool(64, draw)
  const bytes = random(32)
  expect([...(draws[0]?.subarray(0, 32) ?? [])]).toEqual(Array.from({ length: 32 }, () => 0))
  expect(bytes[31]).toBe(31)
})

it('goes to the source for what is longer than a nonce', () => {
  const { draws, draw } = countingSource()
  const random = createRandomPool(8192, draw)
  expect(random(1000)).toBe(draws[0])
})
