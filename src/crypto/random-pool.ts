import { randomBytes } from 'node:crypto'
import type { RandomBytes } from '../contract/uuid.ts'

const drawBytesMax = 64

/**
 * The system's random bytes, drawn some kilobytes at a time: a request needs half a dozen salts, ids and
 * nonces, and each draw costs a call into OpenSSL whatever its length. Bytes are wiped from the pool as
 * they are handed out, and none is handed out twice.
 */
export const createRandomPool = (
  poolBytes = 8192,
  draw: RandomBytes = randomBytes,
): RandomBytes => {
  let pool: Uint8Array = new Uint8Array(0)
  let next = 0
  return (length) => {
    if (length > drawBytesMax) return draw(length)
    if (next + length > pool.length) {
      pool = draw(poolBytes)
      next = 0
    }
    const bytes = Buffer.from(pool.subarray(next, next + length))
    pool.fill(0, next, next + length)
    next += length
    return bytes
  }
}
