import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'
import type { DigestName } from './digest.ts'

/** Names of the algorithms under which this product signs. */
export type SigningAlgorithm = 'ES256' | 'SM2-SM3'

/** The digest that goes with signatures of an algorithm, wherever the signer may choose one. */
export const digestNameOf = (alg: SigningAlgorithm): DigestName =>
  alg === 'SM2-SM3' ? 'sm3' : 'sha-256'

/**
 * A private key that signs and is never shown: a file now; devices and signature servers behind the
 * same port later.
 */
export type Signer = {
  readonly alg: SigningAlgorithm
  /** DER certificates, the key's own first, without the anchor. */
  readonly chain: readonly Uint8Array[]
  /** 64 bytes r‖s over the bytes; runs off the event loop's thread. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
}

/**
 * Signs ES256 with a P-256 key.
 * @throws CryptoError key_unsupported, or key_mismatch when the first certificate is of another key
 */
export const loadFileSigner = (pkcs8Pem: string, chain: readonly Uint8Array[]): Signer => {
  const key = readPrivateKey(pkcs8Pem)
  requireOwnCertificate(key, chain)
  return { alg: 'ES256', chain, sign: (bytes) => signEs256(key, bytes) }
}

const readPrivateKey = (pem: string): KeyObject => {
  const key = importPrivateKey(pem)
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new CryptoError('key_unsupported', 'not a P-256 key')
  return key
}

const importPrivateKey = (pem: string): KeyObject => {
  try {
    return createPrivateKey({ key: pem, format: 'pem' })
  } catch (cause) {
    throw new CryptoError('key_unsupported', 'not an unencrypted PKCS #8 key', { cause })
  }
}

const requireOwnCertificate = (key: KeyObject, chain: readonly Uint8Array[]): void => {
  const [leaf] = chain
  if (leaf === undefined) throw new CryptoError('key_mismatch', 'no certificate')
  if (!readCertificate(leaf).checkPrivateKey(key))
    throw new CryptoError('key_mismatch', 'the certificate is of another key')
}

const readCertificate = (der: Uint8Array): X509Certificate => {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw new CryptoError('key_mismatch', 'not a certificate', { cause })
  }
}

const signEs256 = (key: KeyObject, bytes: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, (error, signature) => {
      if (error === null) resolve(signature)
      else reject(error)
    })
  })
