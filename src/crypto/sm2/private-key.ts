import type { Sm2PublicKey } from './public-key.ts'

/** A secret number with its point; the engine makes it and has checked that they belong together. */
export type Sm2PrivateKey = {
  /** 32 bytes big-endian in [1, n-2]. */
  readonly secret: Uint8Array
  readonly publicKey: Sm2PublicKey
}
