import { hash } from 'node:crypto'
import {
  type Credential,
  type CredentialClaims,
  type CredentialIssuer,
  type Disclosure,
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
  const texts = disclosures.map(disclosureText)
  const payload = JSON.stringify({
    ...visibleClaims(issuer.base, claims),
    _sd: texts.map(disclosureDigest).sort(),
  })
  return {
    signingInput: `${issuer.header}.${Buffer.from(payload).toString('base64url')}`,
    disclosures: texts,
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
  'exp',
  'nbf',
  'cnf',
  'status',
  'sub',
  'aud',
  'jti',
])

/** SHA-256 of a disclosure's text, as it stands in `_sd`. */
export const disclosureDigest = (text: string): string => hash('sha256', text, 'base64url')

const disclosureText = ({ salt, name, value }: Disclosure): string => {
  if (reservedClaims.has(name)) throw new RangeError(`a surface field is named ${name}`)
  const array = JSON.stringify([Buffer.from(salt).toString('base64url'), name, value])
  return Buffer.from(array).toString('base64url')
}

const visibleClaims = (base: string, claims: CredentialClaims) => ({
  iss: issuerUri(base, claims.issuerCode),
  iat: claims.iat,
  vct: `${base}/vct/${claims.typeCode}/${String(claims.catalogueVersion)}`,
  _sd_alg: 'sha-256',
  licenceId: claims.licenceId,
  typeCode: claims.typeCode,
  version: claims.version,
  issuedAt: claims.issuedAt,
  validFrom: claims.validFrom,
  validTo: claims.validTo,
  trustLevel: claims.trustLevel,
})
