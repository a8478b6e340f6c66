import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto'
import { derOid, derSequence } from '../crypto/write-der.ts'
import { oid } from './oid.ts'

/**
 * A key that signs certificates, CRLs or requests, whatever its algorithm: a further algorithm is one
 * more function that returns this shape.
 */
export type IssuingKey = {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** DER AlgorithmIdentifier of its signatures. */
  readonly signatureAlgorithm: Uint8Array
  /** The signature as it stands inside the BIT STRING (ECDSA, SM2: DER of r and s). */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
  /** Hash for key identifiers, so that a national-algorithm CA uses its own. */
  readonly digest: (bytes: Uint8Array) => Uint8Array
}

/** A key and its PKCS#8 PEM, ready for a file of mode 0600. */
export type GeneratedKey = { readonly key: IssuingKey; readonly privateKeyPem: string }

/** New ECDSA P-256 key; randomness is the operating system's. */
export const generateP256Key = (): GeneratedKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { key: p256Key(privateKey), privateKeyPem }
}

/** ECDSA P-256 key from PKCS#8 PEM. @throws RangeError for any other kind of key. */
export const loadP256Key = (privateKeyPem: string): IssuingKey => {
  const privateKey = createPrivateKey(privateKeyPem)
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new RangeError('expected an ECDSA P-256 private key')
  }
  return p256Key(privateKey)
}

const p256Key = (privateKey: KeyObject): IssuingKey => ({
  spki: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  signatureAlgorithm: derSequence(derOid(oid.ecdsaWithSha256)),
  sign: async (bytes) => sign('sha256', bytes, privateKey),
  digest: (bytes) => createHash('sha256').update(bytes).digest(),
})
