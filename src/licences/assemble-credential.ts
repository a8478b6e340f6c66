import { makeDisclosure, signingInputOf, sortedDigests } from '../crypto/issue-sd-jwt.ts'
import {
  type Credential,
  type CredentialClaims,
  type CredentialIssuer,
  type Disclosure,
  gatewayUri,
  issuerUri,
} from './credential.ts'

/**
 * The exact text that was (or will be) signed, from its stored parts: member order is fixed and `_sd` is
 * sorted, so that the same parts always give the same bytes.
 * @throws RangeError when a disclosure would take the name of a visible claim
 */
export const assembleCredential = (
  issuer: CredentialIssuer,
  claims: CredentialClaims,
  disclosures: readonly Disclosure[],
): Credential => {
  const issued = disclosures.map(({ salt, name, value }) => {
    if (reservedClaims.has(name)) throw new RangeError(`a surface field is named ${name}`)
    return makeDisclosure(salt, name, value, issuer.digestName)
  })
  const payload = { ...visibleClaims(issuer, claims), _sd: sortedDigests(issued) }
  return {
    signingInput: signingInputOf(issuer.header, payload),
    disclosures: issued.map(({ encoded }) => encoded),
  }
}

/** Names that a surface field cannot have. */
export const reservedClaims: ReadonlySet<string> = new Set([
  'iss',
  'iat',
  'vct',
  'licenceId',
  'typeCode',
  'version',
  'issuedAt',
  'validFrom',
  'validTo',
  'trustLevel',
  'attestedBy',
  'attestation',
  'exp',
  'nbf',
  'cnf',
  'status',
  'sub',
  'aud',
  'jti',
])

const visibleClaims = ({ base, digestName }: CredentialIssuer, claims: CredentialClaims) => ({
  iss: claims.attestation === undefined ? issuerUri(base, claims.issuerCode) : gatewayUri(base),
  iat: claims.iat,
  vct: `${base}/vct/${claims.typeCode}/${String(claims.catalogueVersion)}`,
  _sd_alg: digestName,
  licenceId: claims.licenceId,
  typeCode: claims.typeCode,
  version: claims.version,
  issuedAt: claims.issuedAt,
  validFrom: claims.validFrom,
  validTo: claims.validTo,
  trustLevel: claims.trustLevel,
  ...(claims.attestation === undefined
    ? {}
    : { attestedBy: 'gateway', attestation: claims.attestation }),
})
