import { createCipheriv, createDecipheriv } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'
import { createRandomPool } from './random-pool.ts'

const version = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes

const drawNonce = createRandomPool()

/**
 * AES-256-GCM: `version (1) | nonce (12) | ciphertext | tag (16)`. The nonce is drawn here and never
 * handed in, because one repeated nonce opens both texts; random nonces allow 2^32 blobs per key.
 * @throws CryptoError key_unsupported unless the key has 32 bytes
 */
export const sealBlob = (key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array => {
  requireKey(key)
  const nonce = drawNonce(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(aad)
  return Buffer.concat([
    Buffer.of(version),
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ])
}

/** @throws CryptoError blob_malformed, blob_not_authentic, key_unsupported */
export const openBlob = (key: Uint8Array, blob: Uint8Array, aad: Uint8Array): Uint8Array => {
  requireKey(key)
  if (blob.length < headBytes + tagBytes || blob[0] !== version)
    throw new CryptoError('blob_malformed', 'not a version 1 blob')
  const nonce = blob.subarray(1, headBytes)
  const tagStart = blob.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(aad)
  decipher.setAuthTag(blob.subarray(tagStart))
  const plaintext = decipher.update(blob.subarray(headBytes, tagStart))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch (cause) {
    throw new CryptoError('blob_not_authentic', 'key, context or content differ', { cause })
  }
}

const requireKey = (key: Uint8Array): void => {
  if (key.length !== 32) throw new CryptoError('key_unsupported', 'a data key has 32 bytes')
}
