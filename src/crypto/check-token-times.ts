import { CryptoError } from './crypto-error.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

/** How far another party's clock may be ahead of ours. */
const skewSeconds = 60

/**
 * Checks `exp`, `nbf` and `iat` of JWT claims (RFC 7519 §4.1) where they are present. Written so that an
 * invalid `at` (NaN) passes none of them.
 * @throws CryptoError token_claim, token_expired, token_not_yet_valid
 */
export const checkTokenTimes = (claims: JsonObject, at: Date): void => {
  const now = at.getTime() / 1000
  const expires = numericDate(claims['exp'])
  if (expires !== undefined && !(now < expires))
    throw new CryptoError('token_expired', 'exp is past')
  for (const start of [numericDate(claims['nbf']), numericDate(claims['iat'])])
    if (start !== undefined && !(now + skewSeconds >= start))
      throw new CryptoError('token_not_yet_valid', 'nbf or iat is ahead')
}

const numericDate = (value: JsonValue | undefined): number | undefined => {
  if (value !== undefined && typeof value !== 'number')
    throw new CryptoError('token_claim', 'a time claim is not a number')
  return value
}
