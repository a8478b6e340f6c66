import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { decodeBase64Url } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { isJsonArray, type JsonObject, type JsonValue } from './json-value.ts'
import { readPublicKey } from './key-cache.ts'
import { isKeyFor } from './verify-signature.ts'

/** A public key that may verify, with the only algorithms under which it may. */
export type VerificationKey = {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly algs: readonly string[]
}

/**
 * Reads the public part of a JWK (RFC 7517) for verifying. `use` and `key_ops` must allow it, `alg` must
 * be known and fit the key; without `alg` the key type decides. Symmetric keys are refused: whoever can
 * check a MAC can also make it, so it proves nothing to anybody else.
 * @throws CryptoError jws_key
 */
export const readJwk = (jwk: JsonObject): VerificationKey => {
  requireVerifyUse(jwk)
  const spki = exportSpki(jwk)
  const key = readPublicKey(spki)
  const fitting = key === undefined ? [] : algorithmsOf(jwk).filter((alg) => isKeyFor(alg, key))
  const { alg } = jwk
  const algs = alg === undefined ? fitting : fitting.filter((name) => name === alg)
  if (algs.length === 0) throw unfit('no algorithm for this key')
  return { spki, algs }
}

const unfit = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('jws_key', message, { cause })

const requireVerifyUse = ({ use, key_ops: operations }: JsonObject): void => {
  if (use !== undefined && use !== 'sig') throw unfit('key is not for signatures')
  if (operations === undefined) return
  if (!isJsonArray(operations) || new Set(operations).size !== operations.length)
    throw unfit('key_ops is not a list')
  if (!operations.includes('verify')) throw unfit('key is not for verifying')
}

const algorithmsOf = ({ kty, crv }: JsonObject): readonly string[] => {
  if (kty === 'RSA') return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  if (kty === 'EC') return crv === 'P-256' ? ['ES256'] : ['ES384', 'ES512']
  return crv === 'Ed25519' ? ['EdDSA', 'Ed25519'] : []
}

/** Only the public members go on: a private JWK is never needed here. */
const exportSpki = (jwk: JsonObject): Uint8Array => {
  const key = publicMembers(jwk)
  try {
    return createPublicKey({ key, format: 'jwk' }).export({ format: 'der', type: 'spki' })
  } catch (cause) {
    throw unfit('not a public key', cause)
  }
}

const publicMembers = ({ kty, crv, x, y, n, e }: JsonObject): JsonWebKey => {
  if (kty === 'RSA') return { kty, n: canonical(n), e: canonical(e) }
  if (kty === 'OKP') return { kty, crv: textOf(crv), x: canonical(x) }
  if (kty === 'EC') return { kty, crv: textOf(crv), x: canonical(x), y: canonical(y) }
  throw unfit(kty === 'oct' ? 'a symmetric key proves nothing' : 'key type is not supported')
}

const canonical = (value: JsonValue | undefined): string => {
  const text = textOf(value)
  try {
    decodeBase64Url(text)
    return text
  } catch (cause) {
    throw unfit('a member of the key is not base64url', cause)
  }
}

const textOf = (value: JsonValue | undefined): string => {
  if (typeof value !== 'string') throw unfit('a member of the key is missing')
  return value
}
