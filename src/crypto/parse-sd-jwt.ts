import { decodeBase64Url } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { claimsOf, parseJws, type Jws } from './jws.ts'
import { isJsonArray, type JsonObject, type JsonValue } from './json-value.ts'
import { parseJson } from './parse-json.ts'

/** One disclosure as it was handed over; `name` is undefined for an array element. */
export type Disclosure = {
  readonly encoded: string
  readonly salt: string
  readonly name: string | undefined
  readonly value: JsonValue
}

/** An SD-JWT or SD-JWT+KB taken apart; nothing of it is verified yet. */
export type ParsedSdJwt = {
  readonly jws: Jws
  /** The issuer's payload with its digests. */
  readonly payload: JsonObject
  readonly disclosures: readonly Disclosure[]
  readonly keyBinding: Jws | undefined
  /** Everything up to and including the last `~`: what `sd_hash` covers. */
  readonly presentation: string
}

/**
 * Takes the compact form apart (RFC 9901 §4): `jwt~disclosure~…~` or the same with a Key Binding JWT.
 * @throws CryptoError sd_jwt_malformed, sd_jwt_disclosure, and what parseJws throws
 */
export const parseSdJwt = (text: string): ParsedSdJwt => {
  const parts = text.split('~')
  const [jwt = '', ...rest] = parts
  const keyBinding = rest.pop()
  if (keyBinding === undefined) throw new CryptoError('sd_jwt_malformed', 'no tilde')
  const jws = parseJws(jwt)
  return {
    jws,
    payload: claimsOf(jws),
    disclosures: rest.map(readDisclosure),
    keyBinding: keyBinding === '' ? undefined : parseJws(keyBinding),
    presentation: text.slice(0, text.length - keyBinding.length),
  }
}

const readDisclosure = (encoded: string): Disclosure => {
  const parts = decodeDisclosure(encoded)
  if (!isJsonArray(parts)) throw malformed('not an array')
  const [salt, second, third] = parts
  if (typeof salt !== 'string') throw malformed('salt is not a text')
  if (parts.length === 2 && second !== undefined)
    return { encoded, salt, name: undefined, value: second }
  if (parts.length !== 3 || typeof second !== 'string' || third === undefined)
    throw malformed('not [salt, name, value] or [salt, value]')
  return { encoded, salt, name: second, value: third }
}

const decodeDisclosure = (encoded: string): JsonValue => {
  try {
    return parseJson(decodeBase64Url(encoded))
  } catch (cause) {
    throw malformed('not base64url of strict JSON', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('sd_jwt_disclosure', message, { cause })
