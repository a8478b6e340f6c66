import type { Json } from '../contract/endpoint.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { Holder } from './licence.ts'

/** Always visible claims of a credential; they stand as columns of the licence. */
export type CredentialClaims = {
  readonly licenceId: string
  readonly typeCode: string
  readonly catalogueVersion: number
  readonly version: string
  readonly issuerCode: string
  /** Unix seconds at which the credential was fixed. */
  readonly iat: number
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly trustLevel: string
  /** Present when the gateway attests what a hall answered, and the department has not signed. */
  readonly attestation?: Attestation
}

/** What the gateway says it was answered: by which hall, of when, in which bytes. */
export type Attestation = {
  readonly hall: string
  /** The department whose paper it is. */
  readonly issuerCode: string
  /** When the department's own system says it was true, RFC 3339. */
  readonly asOf: string
  /** `sha-256:<base64url>` over the bytes that the hall sent. */
  readonly rawDigest: string
}

/** What only disclosures show. `surface` is in the catalogue's order of fields. */
export type LicenceContent = {
  readonly identifier: string
  readonly number: string
  readonly holders: readonly Holder[]
  readonly surface: { readonly [key: string]: Json }
}

/** One selectively disclosable claim; its text is base64url of `[salt, name, value]`. */
export type Disclosure = {
  readonly salt: Uint8Array
  readonly name: string
  readonly value: Json
}

/** Who signs: the first segment of every JWT under one certificate, and the names built on the base. */
export type CredentialIssuer = {
  /** base64url of the JOSE header with the certificate chain. */
  readonly header: string
  /** `_sd_alg`: the digest that goes with the signature. */
  readonly digestName: DigestName
  /** URL under which issuers and credential types are named; it must never change. */
  readonly base: string
}

/** A credential that is fixed but for its signature. */
export type Credential = {
  /** `header.payload`: what the department signs and the leaf of the batch's Merkle tree. */
  readonly signingInput: string
  readonly disclosures: readonly string[]
}

/** `iss` of what the gateway itself attests; its attestation certificate names it. */
export const gatewayUri = (base: string): string => `${base}/gateway`

/** `iss` of the credentials of one department. */
export const issuerUri = (base: string, issuerCode: string): string =>
  `${base}/issuers/${issuerCode}`
