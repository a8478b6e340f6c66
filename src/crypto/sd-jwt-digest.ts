import { hash } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'
import type { JsonValue } from './json-value.ts'

const nodeNames: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
  ['sm3', 'sm3'],
])

/** Digests an ASCII text to base64url under one `_sd_alg`. */
export type SdDigest = (text: string) => string

/**
 * The function that an `_sd_alg` names; absent means sha-256 (RFC 9901 §4.1.1). `sm3` is ours, for the
 * national profile.
 * @throws CryptoError sd_jwt_digest_algorithm
 */
export const sdDigestOf = (sdAlg: JsonValue | undefined): SdDigest => {
  const name = typeof sdAlg === 'string' ? nodeNames.get(sdAlg) : undefined
  if (sdAlg !== undefined && name === undefined)
    throw new CryptoError('sd_jwt_digest_algorithm', '_sd_alg is not supported')
  const algorithm = name ?? 'sha256'
  return (text) => hash(algorithm, text, 'base64url')
}
