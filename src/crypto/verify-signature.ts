import { constants, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { readPublicKey, type KeyCache, type PublicKey } from './key-cache.ts'

export type SignatureClaim = {
  /** The algorithm that the caller expects or has read and allowed, by its JOSE name or `SM2-SM3`. */
  readonly alg: string
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly bytes: Uint8Array
  /** JOSE form: r‖s of fixed length for ECDSA and SM2. */
  readonly signature: Uint8Array
}

/** Checks one algorithm that node:crypto does not do right; must return false rather than throw. */
export type SignatureVerifier = (claim: SignatureClaim) => boolean

export type VerifyContext = {
  readonly keys?: KeyCache
  /** Further algorithms by name, e.g. `SM2-SM3`. Cannot replace a built-in one. */
  readonly verifiers?: ReadonlyMap<string, SignatureVerifier>
}

/**
 * True when the signature is good under exactly this algorithm and the key is of the algorithm's own
 * type. Unknown algorithms, unreadable or unfit keys and malformed signatures are false.
 */
export const verifySignature = (claim: SignatureClaim, context: VerifyContext = {}): boolean => {
  const algorithm = algorithms.get(claim.alg)
  if (algorithm === undefined) return isVerifiedElsewhere(claim, context)
  const key = (context.keys?.read ?? readPublicKey)(claim.spki)
  if (key === undefined || !isFit(algorithm, key)) return false
  return hasLength(claim.signature, algorithm) && isVerified(claim, algorithm, key)
}

/**
 * As verifySignature, with the built-in algorithms computed by a thread of libuv's pool: for servers,
 * whose only JavaScript thread has better things to do than curve arithmetic.
 */
export const verifySignatureAside = async (
  claim: SignatureClaim,
  context: VerifyContext = {},
): Promise<boolean> => {
  const algorithm = algorithms.get(claim.alg)
  if (algorithm === undefined) return isVerifiedElsewhere(claim, context)
  const key = (context.keys?.read ?? readPublicKey)(claim.spki)
  if (key === undefined || !isFit(algorithm, key)) return false
  return hasLength(claim.signature, algorithm) && isVerifiedAside(claim, algorithm, key)
}

const isVerifiedElsewhere = (claim: SignatureClaim, context: VerifyContext): boolean =>
  context.verifiers?.get(claim.alg)?.(claim) ?? false

const hasLength = (signature: Uint8Array, { signatureBytes }: Algorithm): boolean =>
  signatureBytes === undefined || signature.length === signatureBytes

/** OpenSSL raises on some unfit keys, e.g. RSA-PSS keys bound to another hash: not valid either. */
const isVerified = (claim: SignatureClaim, algorithm: Algorithm, key: PublicKey): boolean => {
  try {
    return verify(algorithm.hash, claim.bytes, algorithm.input(key), claim.signature)
  } catch {
    return false
  }
}

/** The same in the pool, where an unfit key is the callback's error. */
const isVerifiedAside = (
  claim: SignatureClaim,
  algorithm: Algorithm,
  key: PublicKey,
): Promise<boolean> =>
  new Promise((resolve) => {
    const input = algorithm.input(key)
    verify(algorithm.hash, claim.bytes, input, claim.signature, (error, isGood) => {
      resolve(error === null && isGood)
    })
  })

/** True when verifySignature knows the algorithm at all. */
export const isKnownAlgorithm = (alg: string, context: VerifyContext = {}): boolean =>
  algorithms.has(alg) || (context.verifiers?.has(alg) ?? false)

/** True when the key is of the type and strength that the built-in algorithm asks for. */
export const isKeyFor = (alg: string, key: PublicKey): boolean => {
  const algorithm = algorithms.get(alg)
  return algorithm !== undefined && isFit(algorithm, key)
}

const rsaBitsMin = 2048

type Algorithm = {
  readonly kinds: readonly PublicKey['kind'][]
  /** Null where the algorithm fixes its own hash. */
  readonly hash: string | null
  readonly signatureBytes?: number
  readonly input: (key: PublicKey) => VerifyKeyObjectInput
}

const ecdsa = (kind: PublicKey['kind'], hash: string, signatureBytes: number): Algorithm => ({
  kinds: [kind],
  hash,
  signatureBytes,
  input: ({ key }) => ({ key, dsaEncoding: 'ieee-p1363' }),
})

const rsaPkcs1 = (hash: string): Algorithm => ({
  kinds: ['RSA'],
  hash,
  input: ({ key }) => ({ key, padding: constants.RSA_PKCS1_PADDING }),
})

/** RFC 7518 §3.5: the salt is as long as the hash. */
const rsaPss = (hash: string, saltLength: number): Algorithm => ({
  kinds: ['RSA', 'RSA-PSS'],
  hash,
  input: ({ key }) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
})

const ed25519: Algorithm = {
  kinds: ['Ed25519'],
  hash: null,
  signatureBytes: 64,
  input: ({ key }) => ({ key }),
}

const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['ES256', ecdsa('P-256', 'sha256', 64)],
  ['ES384', ecdsa('P-384', 'sha384', 96)],
  ['ES512', ecdsa('P-521', 'sha512', 132)],
  ['EdDSA', ed25519],
  ['Ed25519', ed25519],
  ['RS256', rsaPkcs1('sha256')],
  ['RS384', rsaPkcs1('sha384')],
  ['RS512', rsaPkcs1('sha512')],
  ['PS256', rsaPss('sha256', 32)],
  ['PS384', rsaPss('sha384', 48)],
  ['PS512', rsaPss('sha512', 64)],
])

const isFit = (algorithm: Algorithm, key: PublicKey): boolean =>
  algorithm.kinds.includes(key.kind) && (key.modulusBits === 0 || key.modulusBits >= rsaBitsMin)
