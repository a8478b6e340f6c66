import { createHmac, hkdfSync } from 'node:crypto'
import type { RandomBytes } from '../contract/uuid.ts'
import { openBlob, sealBlob } from './aead.ts'
import { createRandomPool } from './random-pool.ts'
import { openSm4Blob, sealSm4Blob } from './sm4/sm4-blob.ts'
import type { Sm4Gcm } from './sm4/sm4-gcm.ts'

/** Blobs under one key; `aad` binds each to its place. */
export type BlobKey = {
  readonly seal: (plaintext: Uint8Array, aad: Uint8Array) => Uint8Array
  /** @throws CryptoError blob_malformed, blob_not_authentic */
  readonly open: (blob: Uint8Array, aad: Uint8Array) => Uint8Array
}

/** What protects stored data: encryption, keyed hashes, and the keys for both out of one secret. */
export type AtRest = {
  /** Bytes of a key that openBlobKey takes. */
  readonly blobKeyBytes: 16 | 32
  readonly openBlobKey: (key: Uint8Array) => BlobKey
  /** HMAC of the UTF-8 form of a text, 32 bytes. */
  readonly mac: (key: Uint8Array, text: string) => Buffer
  /** HKDF of RFC 5869. */
  readonly derive: (input: DerivationInput) => Uint8Array
}

export type DerivationInput = {
  readonly master: Uint8Array
  readonly salt: string
  readonly info: string
  readonly bytes: number
}

/** AES-256-GCM, HMAC and HKDF with SHA-256. */
export const internationalAtRest: AtRest = {
  blobKeyBytes: 32,
  openBlobKey: (key) => ({
    seal: (plaintext, aad) => sealBlob(key, plaintext, aad),
    open: (blob, aad) => openBlob(key, blob, aad),
  }),
  mac: (key, text) => createHmac('sha256', key).update(text, 'utf8').digest(),
  derive: ({ master, salt, info, bytes }) =>
    new Uint8Array(hkdfSync('sha256', master, salt, info, bytes)),
}

/** SM4-GCM, HMAC and HKDF with SM3. */
export const gmAtRest = (sm4Gcm: Sm4Gcm, random: RandomBytes = createRandomPool()): AtRest => ({
  blobKeyBytes: 16,
  openBlobKey: (bytes) => {
    const key = sm4Gcm.openKey(bytes)
    return {
      seal: (plaintext, aad) => sealSm4Blob(key, plaintext, aad, random),
      open: (blob, aad) => openSm4Blob(key, blob, aad),
    }
  },
  mac: (key, text) => createHmac('sm3', key).update(text, 'utf8').digest(),
  derive: ({ master, salt, info, bytes }) =>
    new Uint8Array(hkdfSync('sm3', master, salt, info, bytes)),
})
