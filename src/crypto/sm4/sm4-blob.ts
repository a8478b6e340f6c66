import type { RandomBytes } from '../../contract/uuid.ts'
import { tellCall } from '../call-channel.ts'
import { CryptoError } from '../crypto-error.ts'
import type { Sm4GcmKey } from './sm4-gcm.ts'

const version = 2
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes

/**
 * SM4-GCM in the form of aead.ts: `version (2) | nonce (12) | ciphertext | tag (16)`. Random nonces allow
 * 2^32 blobs per key.
 */
export const sealSm4Blob = (
  key: Sm4GcmKey,
  plaintext: Uint8Array,
  aad: Uint8Array,
  random: RandomBytes,
): Uint8Array => {
  tellCall('encrypt', 'SM4-GCM')
  const nonce = random(nonceBytes)
  return Buffer.concat([Buffer.of(version), nonce, key.seal(nonce, plaintext, aad)])
}

/** @throws CryptoError blob_malformed, blob_not_authentic */
export const openSm4Blob = (key: Sm4GcmKey, blob: Uint8Array, aad: Uint8Array): Uint8Array => {
  if (blob.length < headBytes + tagBytes || blob[0] !== version)
    throw new CryptoError('blob_malformed', 'not a version 2 blob')
  tellCall('decrypt', 'SM4-GCM')
  try {
    return key.open(blob.subarray(1, headBytes), blob.subarray(headBytes), aad)
  } catch (cause) {
    throw new CryptoError('blob_not_authentic', 'key, context or content differ', { cause })
  }
}
