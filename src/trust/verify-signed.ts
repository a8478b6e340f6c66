import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { oid } from './oid.ts'
import type { AlgorithmIdentifier, PublicKeyInfo } from './public-key.ts'
import { signatureScheme, type SignatureScheme } from './signature-algorithm.ts'

export type SignedBytes = {
  readonly algorithm: AlgorithmIdentifier
  readonly publicKey: PublicKeyInfo
  readonly bytes: Uint8Array
  /** As in the BIT STRING. */
  readonly signature: Uint8Array
}

/** SM2 with the default user id over SM3: DER signature, DER SubjectPublicKeyInfo. */
export type VerifySm2 = (spki: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean

/** Checks signatures of certificates, CRLs and OCSP answers. */
export type SignatureVerifier = (signed: SignedBytes) => 'right' | 'wrong' | 'unsupported'

/**
 * A verifier for RSA PKCS#1 and PSS, ECDSA over the NIST curves, Ed25519, and SM2 where `verifySm2` is
 * given. Fails closed: what does not fit is unsupported or wrong, never right.
 */
export const createSignatureVerifier = (verifySm2?: VerifySm2): SignatureVerifier => {
  const keys = new WeakMap<PublicKeyInfo, KeyObject | 'unusable'>()
  const keyOf = (publicKey: PublicKeyInfo): KeyObject | 'unusable' => {
    const known = keys.get(publicKey) ?? importKey(publicKey)
    keys.set(publicKey, known)
    return known
  }
  return (signed) => {
    const scheme = signatureScheme(signed.algorithm)
    if (scheme === undefined || !fits(scheme, signed.publicKey)) return 'unsupported'
    if (scheme.kind === 'sm2') {
      if (verifySm2 === undefined) return 'unsupported'
      const { encoding } = signed.publicKey
      return verifySm2(encoding, signed.bytes, signed.signature) ? 'right' : 'wrong'
    }
    const key = keyOf(signed.publicKey)
    if (key === 'unusable') return 'unsupported'
    return isRight(scheme, key, signed) ? 'right' : 'wrong'
  }
}

/** Cost of one verification, 1 ≈ ECDSA P-256. */
export const verificationCost = ({ key }: PublicKeyInfo): number => {
  if (key.kind === 'rsa') return Math.max(1, Math.ceil((key.bits / 2048) ** 2 / 2))
  if (key.kind === 'ec') return curveCost[key.curve] ?? 1
  return 1
}

const curveCost: Readonly<Record<string, number>> = { [oid.p384]: 8, [oid.p521]: 12, [oid.sm2]: 6 }

const nistCurves: readonly string[] = [oid.p256, oid.p384, oid.p521]

const fits = (scheme: SignatureScheme, { key, algorithm }: PublicKeyInfo): boolean => {
  switch (scheme.kind) {
    case 'rsa':
      return algorithm.id === oid.rsaEncryption
    case 'rsaPss':
      return key.kind === 'rsa'
    case 'ec':
      return key.kind === 'ec' && nistCurves.includes(key.curve)
    case 'ed25519':
      return key.kind === 'ed25519'
    case 'sm2':
      return key.kind === 'ec' && key.curve === oid.sm2
  }
}

const rsaBitsMax = 16_384
const rsaExponentMax = 1n << 64n

/** Keys whose arithmetic would cost more than a validation may are not imported. */
const importKey = ({ encoding, key }: PublicKeyInfo): KeyObject | 'unusable' => {
  if (key.kind === 'rsa' && (key.bits > rsaBitsMax || key.exponent >= rsaExponentMax)) {
    return 'unusable'
  }
  try {
    return createPublicKey({ key: Buffer.from(encoding), type: 'spki', format: 'der' })
  } catch {
    // OpenSSL refuses points off the curve and other unusable keys.
    return 'unusable'
  }
}

const isRight = (
  scheme: Exclude<SignatureScheme, { kind: 'sm2' }>,
  key: KeyObject,
  { bytes, signature }: SignedBytes,
): boolean => {
  try {
    return verify(hashOf(scheme), bytes, { key, ...optionsOf(scheme) }, signature)
  } catch {
    // OpenSSL throws for some malformed signatures: they are wrong ones.
    return false
  }
}

const hashOf = (scheme: SignatureScheme): string | null =>
  scheme.kind === 'ed25519' ? null : scheme.hash

const optionsOf = (scheme: SignatureScheme) => {
  switch (scheme.kind) {
    case 'rsa':
      return { padding: constants.RSA_PKCS1_PADDING }
    case 'rsaPss':
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }
    case 'ec':
      return { dsaEncoding: 'der' as const }
    case 'ed25519':
    case 'sm2':
      return {}
  }
}
