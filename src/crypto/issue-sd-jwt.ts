import { encodeBase64, encodeBase64Url } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import type { DigestName } from './digest.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { sdDigestOf } from './sd-jwt-digest.ts'
import type { SigningAlgorithm } from './signer.ts'

/** Salts have 128 bits (RFC 9901 §9.3). */
export const saltBytes = 16

export type IssuedDisclosure = {
  readonly name: string
  /** base64url(JSON [salt, name, value]); what is handed over and what is digested. */
  readonly encoded: string
  /** base64url digest, a member of `_sd`. */
  readonly digest: string
}

/**
 * One selectively disclosable object member (RFC 9901 §4.2.1).
 * @param salt 16 fresh bytes from a CSPRNG
 * @throws CryptoError sd_jwt_disclosure, sd_jwt_reserved_name
 */
export const makeDisclosure = (
  salt: Uint8Array,
  name: string,
  value: JsonValue,
  digestName: DigestName = 'sha-256',
): IssuedDisclosure => {
  if (salt.length < saltBytes) throw new CryptoError('sd_jwt_disclosure', 'salt is too short')
  if (isReservedName(name)) throw new CryptoError('sd_jwt_reserved_name', 'reserved claim name')
  const json = JSON.stringify([encodeBase64Url(salt), name, value])
  const encoded = Buffer.from(json, 'utf8').toString('base64url')
  return { name, encoded, digest: sdDigestOf(digestName)(encoded) }
}

/** Names that the format keeps to itself, and the one that would set a prototype. */
export const isReservedName = (name: string): boolean =>
  name === '_sd' || name === '...' || name === '_sd_alg' || name === '__proto__'

/** Members of `_sd` in the order that tells nothing about the claims (RFC 9901 §4.2.4.1). */
export const sortedDigests = (disclosures: readonly IssuedDisclosure[]): string[] =>
  disclosures.map(({ digest }) => digest).sort()

/**
 * base64url of the header of a credential: `alg`, `typ`, `x5c` in this order, the certificates without
 * the anchor.
 */
export const credentialHeader = (alg: SigningAlgorithm, chain: readonly Uint8Array[]): string =>
  encodeText(JSON.stringify({ alg, typ: 'dc+sd-jwt', x5c: chain.map(encodeBase64) }))

/** `header.payload`, the bytes that the issuer signs; members of the payload keep their order. */
export const signingInputOf = (encodedHeader: string, payload: JsonObject): string =>
  `${encodedHeader}.${encodeText(JSON.stringify(payload))}`

/** `jwt~disclosure~…~`, without key binding. */
export const joinSdJwt = (
  signingInput: string,
  signature: Uint8Array,
  encodedDisclosures: readonly string[],
): string =>
  `${[`${signingInput}.${encodeBase64Url(signature)}`, ...encodedDisclosures].join('~')}~`

const encodeText = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
