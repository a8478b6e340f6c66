import { checkTokenTimes } from './check-token-times.ts'
import { CryptoError } from './crypto-error.ts'
import { verifyJws } from './jws.ts'
import type { JsonObject } from './json-value.ts'
import { parseSdJwt, type Disclosure, type ParsedSdJwt } from './parse-sd-jwt.ts'
import type { VerificationKey } from './read-jwk.ts'
import { resolveDisclosures } from './resolve-disclosures.ts'
import { sdDigestOf } from './sd-jwt-digest.ts'
import { verifyKeyBinding, type KeyBindingPolicy } from './verify-key-binding.ts'
import type { VerifyContext } from './verify-signature.ts'

export type VerifySdJwtOptions = {
  /** The issuer's key; where it comes from `x5c`, the caller has judged the path before. */
  readonly key: VerificationKey
  readonly at: Date
  /** Default: not required. */
  readonly keyBinding?: KeyBindingPolicy
  readonly context?: VerifyContext
}

export type VerifiedSdJwt = {
  readonly header: JsonObject
  /** Claims with the disclosed ones in their places, without `_sd`, `...` and `_sd_alg`. */
  readonly payload: JsonObject
  readonly disclosures: readonly Disclosure[]
  readonly keyBinding: 'absent' | 'verified'
}

/**
 * Verifies an SD-JWT by the letter of RFC 9901 §7.1 and §7.3, and credentials (`typ` dc+sd-jwt) also by
 * SD-JWT VC: `vct` is there, and what the verdict depends on is not selectively disclosable.
 * @throws CryptoError; its code says which rule is broken
 */
export const verifySdJwt = (
  sdJwt: string | ParsedSdJwt,
  options: VerifySdJwtOptions,
): VerifiedSdJwt => {
  const parsed = typeof sdJwt === 'string' ? parseSdJwt(sdJwt) : sdJwt
  const { at, context = {} } = options
  verifyJws(parsed.jws, options.key, context)
  const digestOf = sdDigestOf(parsed.payload['_sd_alg'])
  const claims = resolveDisclosures(parsed.payload, parsed.disclosures, digestOf)
  checkCredentialClaims(parsed, claims)
  checkTokenTimes(claims, at)
  const policy = options.keyBinding ?? { required: false }
  return {
    header: parsed.jws.header,
    payload: claims,
    disclosures: parsed.disclosures,
    keyBinding: verifyKeyBinding({ sdJwt: parsed, claims, digestOf, policy, at, context }),
  }
}

/** draft-ietf-oauth-sd-jwt-vc §2.2.2.2: these may not be selectively disclosed. */
const alwaysVisible = ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status'] as const

const checkCredentialClaims = ({ jws, payload }: ParsedSdJwt, claims: JsonObject): void => {
  const { typ } = jws.header
  if (typ !== 'dc+sd-jwt' && typ !== 'vc+sd-jwt') return
  for (const name of alwaysVisible)
    if (Object.hasOwn(claims, name) && !Object.hasOwn(payload, name))
      throw new CryptoError('sd_jwt_claim_disclosable', 'a claim must not be disclosable')
  if (typeof claims['vct'] !== 'string') throw new CryptoError('token_claim', 'vct is missing')
}
