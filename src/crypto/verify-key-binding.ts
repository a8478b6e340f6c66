import { checkTokenTimes } from './check-token-times.ts'
import { CryptoError } from './crypto-error.ts'
import { claimsOf, verifyJws, type Jws } from './jws.ts'
import { isJsonObject, type JsonObject } from './json-value.ts'
import type { ParsedSdJwt } from './parse-sd-jwt.ts'
import { readJwk } from './read-jwk.ts'
import type { SdDigest } from './sd-jwt-digest.ts'
import type { VerifyContext } from './verify-signature.ts'

/** Decided by the verifier beforehand, never by what was presented (RFC 9901 §7.3). */
export type KeyBindingPolicy =
  | { readonly required: false }
  | { readonly required: true; readonly aud: string; readonly nonce: string }

export type KeyBindingInput = {
  readonly sdJwt: ParsedSdJwt
  /** Claims after the disclosures were resolved; `cnf` is read from them. */
  readonly claims: JsonObject
  readonly digestOf: SdDigest
  readonly policy: KeyBindingPolicy
  readonly at: Date
  readonly context: VerifyContext
}

/**
 * Checks the Key Binding JWT (RFC 9901 §7.3, step 5). One that is there without being required must be
 * good as well; only its audience and nonce are then nobody's expectation.
 * @throws CryptoError key_binding_missing, key_binding_invalid
 */
export const verifyKeyBinding = (input: KeyBindingInput): 'absent' | 'verified' => {
  const { keyBinding } = input.sdJwt
  if (keyBinding === undefined) {
    if (input.policy.required) throw new CryptoError('key_binding_missing', 'no key binding')
    return 'absent'
  }
  try {
    checkKeyBinding(keyBinding, input)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw new CryptoError('key_binding_invalid', 'the key binding does not hold', { cause })
  }
  return 'verified'
}

const checkKeyBinding = (keyBinding: Jws, input: KeyBindingInput): void => {
  if (keyBinding.header['typ'] !== 'kb+jwt') throw broken('typ is not kb+jwt')
  verifyJws(keyBinding, readJwk(confirmationKey(input.claims)), input.context)
  const claims = claimsOf(keyBinding)
  if (typeof claims['iat'] !== 'number') throw broken('iat is missing')
  checkTokenTimes(claims, input.at)
  checkAudience(claims, input.policy)
  if (claims['sd_hash'] !== input.digestOf(input.sdJwt.presentation))
    throw broken('sd_hash is of another presentation')
}

/** RFC 7800 §3.2. */
const confirmationKey = ({ cnf }: JsonObject): JsonObject => {
  const jwk = isJsonObject(cnf) ? cnf['jwk'] : undefined
  if (!isJsonObject(jwk)) throw broken('no cnf.jwk')
  return jwk
}

const checkAudience = ({ aud, nonce }: JsonObject, policy: KeyBindingPolicy): void => {
  if (typeof aud !== 'string' || typeof nonce !== 'string') throw broken('aud or nonce is missing')
  if (policy.required && (aud !== policy.aud || nonce !== policy.nonce))
    throw broken('aud or nonce is not the expected one')
}

const broken = (message: string): CryptoError => new CryptoError('key_binding_invalid', message)
