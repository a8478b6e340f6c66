import { hash } from 'node:crypto'
import type { RandomBytes } from '../../contract/uuid.ts'

/**
 * The bytes of a signature's nonce: SM3 over fresh random bytes, the key's secret and the digest that is
 * signed. As random as the source is; and where a source repeats (a machine restored twice from one
 * snapshot), two different digests still get unrelated nonces, so that the key is not lost. Undefined for
 * a source that gives zeros only.
 */
export const hedgedNonce = (
  random: RandomBytes,
  secret: Uint8Array,
  digest: Uint8Array,
): Uint8Array | undefined => {
  const fresh = random(32)
  if (isZero(fresh)) return undefined
  const input = Buffer.concat([fresh, secret, digest])
  const nonce = hash('sm3', input, 'buffer')
  input.fill(0)
  fresh.fill(0)
  return nonce
}

/** True for zeros only; looks at every byte, whatever it finds. */
export const isZero = (bytes: Uint8Array): boolean =>
  bytes.reduce((bits, byte) => bits | byte, 0) === 0

/**
 * Repeats an attempt until the number drawn could be used; one in 2^32 cannot.
 * @throws RangeError after 16 attempts: the random source is broken
 */
export const untilUsable = <Result>(attempt: () => Result | undefined): Result => {
  for (let i = 0; i < attemptsMax; i++) {
    const result = attempt()
    if (result !== undefined) return result
  }
  throw new RangeError('the random source gives no usable number')
}

const attemptsMax = 16
