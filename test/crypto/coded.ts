import { CryptoError, type CryptoErrorCode } from '../../src/crypto/crypto-error.ts'

/** The code with which an action fails, or undefined; any other error is a bug and passes through. */
export const coded = (action: () => unknown): CryptoErrorCode | undefined => {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    throw error
  }
}

/** Every copy of the bytes with one bit flipped. */
export const flips = function* (bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Uint8Array.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield copy
  }
}
