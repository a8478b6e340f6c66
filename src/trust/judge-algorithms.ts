import type { FindingCode } from './path-finding.ts'
import type { AlgorithmPolicy } from './path-policy.ts'
import type { AlgorithmIdentifier, PublicKeyInfo } from './public-key.ts'
import { signatureScheme } from './signature-algorithm.ts'

/** The reason why this signature algorithm may not be used, if there is one. */
export const judgeSignatureAlgorithm = (
  algorithm: AlgorithmIdentifier,
  policy: AlgorithmPolicy,
): FindingCode | undefined => {
  const scheme = signatureScheme(algorithm)
  const isTaken = policy.signatures?.includes(algorithm.id) ?? true
  if (scheme === undefined || !isTaken) return 'unsupported_algorithm'
  if (scheme.kind === 'ed25519' || policy.hashes.includes(scheme.hash)) return undefined
  return 'weak_algorithm'
}

/** The reason why this key may not be used, if there is one. */
export const judgePublicKey = (
  publicKey: PublicKeyInfo,
  policy: AlgorithmPolicy,
): FindingCode | undefined => {
  const { key } = publicKey
  switch (key.kind) {
    case 'rsa':
      return isStrongRsa(key.bits, key.exponent, policy) ? undefined : 'weak_key'
    case 'ec':
      return policy.curves.includes(key.curve) ? undefined : 'unsupported_algorithm'
    case 'ed25519':
      return undefined
    case 'unknown':
      return 'unsupported_algorithm'
  }
}

const isStrongRsa = (bits: number, exponent: bigint, policy: AlgorithmPolicy): boolean =>
  bits >= policy.rsaBitsMin &&
  bits % 8 === 0 &&
  exponent >= policy.rsaExponentMin &&
  exponent % 2n === 1n
