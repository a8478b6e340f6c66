import { CryptoError } from '../crypto-error.ts'
import type { SignatureVerifier } from '../verify-signature.ts'
import type { Sm2Engine } from './engine.ts'
import { readSm2Spki, type Sm2PublicKey } from './public-key.ts'
import { sm2SignatureFromDer } from './signature-der.ts'

/** SM2 behind the ports of this product; keys are read once per SubjectPublicKeyInfo. */
export type Sm2SignatureVerifiers = {
  /** For `verifySignature`, under the name `SM2-SM3`: r‖s, default user id. */
  readonly verifyRaw: SignatureVerifier
  /** For certificates, CRLs, requests and CMS: DER of r and s, default user id. */
  readonly verifyDer: (spki: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean
}

/** Everything malformed is false: a key of another algorithm, a point off the curve, DER that is not. */
export const sm2SignatureVerifiers = (engine: Sm2Engine, keysMax = 4096): Sm2SignatureVerifiers => {
  const keyOf = createSpkiCache(keysMax)
  const isSigned = (spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
    engine.isSigned({ key: keyOf(spki), message, signature })
  return {
    verifyRaw: ({ spki, bytes, signature }) => orFalse(() => isSigned(spki, bytes, signature)),
    verifyDer: (spki, bytes, signature) =>
      orFalse(() => isSigned(spki, bytes, sm2SignatureFromDer(signature))),
  }
}

const createSpkiCache = (keysMax: number): ((spki: Uint8Array) => Sm2PublicKey) => {
  const keys = new Map<string, Sm2PublicKey>()
  return (spki) => {
    const name = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength).toString('latin1')
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = readSm2Spki(spki)
    // Oldest first: a key in use comes back at the price of one curve check.
    const oldest = keys.keys().next()
    if (keys.size >= keysMax && oldest.done !== true) keys.delete(oldest.value)
    keys.set(name, key)
    return key
  }
}

const orFalse = (check: () => boolean): boolean => {
  try {
    return check()
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}
