import { decodeBase64Url } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { parseJson } from './parse-json.ts'
import type { VerificationKey } from './read-jwk.ts'
import { verifySignature, type VerifyContext } from './verify-signature.ts'

/** A compact JWS (RFC 7515 §7.1) taken apart; nothing of it is verified yet. */
export type Jws = {
  readonly header: JsonObject
  readonly alg: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** ASCII(BASE64URL(header) ‖ '.' ‖ BASE64URL(payload)). */
  readonly signingInput: string
}

/**
 * Takes a compact JWS apart: three parts of canonical base64url, a header that is a JSON object without
 * repeated members, with an `alg` that is not `none`, without `crit` (we understand no extension) and
 * without `b64`.
 * @throws CryptoError jws_malformed, jws_header, jws_critical, jws_algorithm
 */
export const parseJws = (text: string): Jws => {
  const [head, body, tail, more] = text.split('.', 4)
  if (head === undefined || body === undefined || tail === undefined || more !== undefined)
    throw new CryptoError('jws_malformed', 'not three parts')
  const header = readHeader(decodePart(head))
  return {
    header,
    alg: algorithmOf(header),
    payload: decodePart(body),
    signature: decodePart(tail),
    signingInput: text.slice(0, head.length + 1 + body.length),
  }
}

/**
 * Verifies a compact JWS under a key that the caller trusts for it; keys named in the header (`jwk`,
 * `jku`, `x5u`, `x5c`) are never looked at.
 * @throws CryptoError as parseJws, jws_algorithm when the key is not for the header's `alg`,
 *   signature_invalid
 */
export const verifyJws = (
  jws: string | Jws,
  key: VerificationKey,
  context: VerifyContext = {},
): Jws => {
  const parsed = typeof jws === 'string' ? parseJws(jws) : jws
  if (!key.algs.includes(parsed.alg))
    throw new CryptoError('jws_algorithm', 'the key is not for this algorithm')
  if (!isSignedBy(parsed, key, context))
    throw new CryptoError('signature_invalid', 'the signature does not verify')
  return parsed
}

/**
 * The payload as a JSON object, as JWT claims are.
 * @throws CryptoError jws_malformed, malformed_json
 */
export const claimsOf = (jws: Jws): JsonObject => {
  const claims = parseJson(jws.payload)
  if (!isJsonObject(claims)) throw new CryptoError('jws_malformed', 'payload is not an object')
  return claims
}

const decodePart = (part: string): Uint8Array => {
  try {
    return decodeBase64Url(part)
  } catch (cause) {
    throw new CryptoError('jws_malformed', 'a part is not canonical base64url', { cause })
  }
}

const readHeader = (bytes: Uint8Array): JsonObject => {
  const header = parseHeader(bytes)
  if (!isJsonObject(header)) throw new CryptoError('jws_header', 'header is not an object')
  if (header['crit'] !== undefined)
    throw new CryptoError('jws_critical', 'header has a critical extension')
  if (header['b64'] !== undefined) throw new CryptoError('jws_header', 'b64 without crit')
  return header
}

const parseHeader = (bytes: Uint8Array): JsonValue => {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw new CryptoError('jws_header', 'header is not strict JSON', { cause })
  }
}

const algorithmOf = ({ alg }: JsonObject): string => {
  if (typeof alg !== 'string') throw new CryptoError('jws_header', 'alg is missing')
  if (alg.toLowerCase() === 'none') throw new CryptoError('jws_algorithm', 'unsigned')
  return alg
}

const isSignedBy = (jws: Jws, { spki }: VerificationKey, context: VerifyContext): boolean => {
  const { alg, signature, signingInput } = jws
  const bytes = Buffer.from(signingInput, 'latin1')
  return verifySignature({ alg, spki, bytes, signature }, context)
}
