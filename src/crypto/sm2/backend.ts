import type { Sm2PublicKey } from './public-key.ts'

/** Checks signatures; sees public data only. */
export type Sm2Verifying = {
  readonly name: 'wasm' | 'js'
  /** `digest` is SM3(Z‖message); `signature` is r‖s. False for whatever is out of range. */
  readonly isSigned: (key: Sm2PublicKey, digest: Uint8Array, signature: Uint8Array) => boolean
}

/** Signs with secret numbers. */
export type Sm2Signing = {
  readonly name: 'wasm' | 'openssl' | 'js'
  /** A signing function for one secret number of 32 bytes in [1, n-2]. */
  readonly openKey: (secret: Uint8Array) => Sm2SignDigest
}

/** 64 bytes r‖s over a digest of 32 bytes. */
export type Sm2SignDigest = (digest: Uint8Array) => Uint8Array

/** Multiplies points by secret numbers: key generation, encryption, decryption. */
export type Sm2Multiplying = {
  readonly name: 'wasm' | 'js'
  /** x‖y of secret · G; undefined unless the secret is in [1, n-2]. */
  readonly publicPoint: (secret: Uint8Array) => Uint8Array | undefined
  /** x‖y of secret · point; undefined unless the secret is in [1, n-1]. */
  readonly multiply: (secret: Uint8Array, point: Sm2PublicKey) => Uint8Array | undefined
}
