import { createPublicKey, hash, verify } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'

/** True for an SD-JWT that is right. */
export type VerifySdJwtText = (sdJwt: string) => Promise<boolean>

/** @sd-jwt/core as it is used at its best: node's own ES256 and SHA-256, the issuer's key imported once. */
export const openSdJwtCore = (spki: Uint8Array): VerifySdJwtText => {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const core = new SDJwtInstance({
    verifier: (text: string, signature: string) =>
      verify(
        'sha256',
        Buffer.from(text),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    hashAlg: 'sha-256',
    hasher: (data: string | ArrayBuffer) =>
      hash('sha256', typeof data === 'string' ? data : Buffer.from(data), 'buffer'),
  })
  return async (sdJwt) => {
    try {
      return 'payload' in (await core.verify(sdJwt))
    } catch {
      return false
    }
  }
}
