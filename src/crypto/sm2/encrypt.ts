import { hash, timingSafeEqual } from 'node:crypto'
import { CryptoError } from '../crypto-error.ts'
import { readSm2Ciphertext, writeSm2Ciphertext, type Sm2CiphertextForm } from './ciphertext.ts'
import type { Sm2Engine } from './engine.ts'
import { isZero, untilUsable } from './nonce.ts'
import type { Sm2PrivateKey } from './private-key.ts'
import type { Sm2PublicKey } from './public-key.ts'

/**
 * Encrypts by GB/T 32918.4 for one reader. There is no sender in it: whoever reads it learns nothing
 * about who wrote it.
 * @throws CryptoError ciphertext_malformed for an empty text, which the standard cannot encrypt
 */
export const encryptSm2 = (
  engine: Sm2Engine,
  reader: Sm2PublicKey,
  plaintext: Uint8Array,
  form: Sm2CiphertextForm = 'der',
): Uint8Array => {
  if (plaintext.length === 0) throw new CryptoError('ciphertext_malformed', 'nothing to encrypt')
  return untilUsable(() => {
    const { secret, publicKey } = engine.generateKey()
    const shared = engine.backends.multiplying.multiply(secret, reader)
    secret.fill(0)
    const mask = shared && keyStream(shared, plaintext.length)
    if (shared === undefined || mask === undefined) return undefined
    const masked = exclusiveOr(plaintext, mask)
    const digest = checkDigest(shared, plaintext)
    return writeSm2Ciphertext({ point: publicKey, hash: digest, masked }, form)
  })
}

/**
 * Decrypts. A wrong key and a changed text give the same error at the same place.
 * @throws CryptoError ciphertext_malformed, ciphertext_not_authentic
 */
export const decryptSm2 = (
  engine: Sm2Engine,
  key: Sm2PrivateKey,
  ciphertext: Uint8Array,
  form: Sm2CiphertextForm = 'der',
): Uint8Array => {
  const { point, hash, masked } = readSm2Ciphertext(ciphertext, form)
  const shared = engine.backends.multiplying.multiply(key.secret, point)
  const mask = shared && keyStream(shared, masked.length)
  if (shared !== undefined && mask !== undefined) {
    const plaintext = exclusiveOr(masked, mask)
    if (timingSafeEqual(checkDigest(shared, plaintext), hash)) return plaintext
  }
  throw new CryptoError('ciphertext_not_authentic', 'another key, or the text was changed')
}

/** KDF of GB/T 32918.4 §5.4.3; undefined when all bits are zero, as the standard has it. */
const keyStream = (shared: Uint8Array, length: number): Uint8Array | undefined => {
  const stream = Buffer.alloc(Math.ceil(length / 32) * 32)
  const input = Buffer.concat([shared, Buffer.alloc(4)])
  for (let counter = 1, at = 0; at < length; counter++, at += 32) {
    input.writeUInt32BE(counter, 64)
    stream.set(hash('sm3', input, 'buffer'), at)
  }
  const mask = stream.subarray(0, length)
  return isZero(mask) ? undefined : mask
}

const checkDigest = (shared: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  hash('sm3', Buffer.concat([shared.subarray(0, 32), plaintext, shared.subarray(32)]), 'buffer')

const exclusiveOr = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  Uint8Array.from(a, (byte, i) => byte ^ (b[i] ?? 0))
