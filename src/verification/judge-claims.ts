import { cityDateOf } from '../contract/clock.ts'
import { isUuid } from '../contract/uuid.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import type { ParsedCertificate } from '../trust/parse-certificate.ts'
import { urisOf } from './certificate-facts.ts'
import { judged, open, passed, warning } from './finding.ts'
import type { Finding } from './report.ts'

/** What a licence credential says, judged against the certificate that signed it and the time. */
export const judgeClaims = (
  claims: JsonObject,
  leaf: ParsedCertificate,
  at: Date,
): readonly Finding[] => [
  judgeIssuer(claims, leaf),
  hasLicenceClaims(claims)
    ? passed('credential_claims')
    : open('credential_claims', 'SIG_CONSTRAINTS_FAILURE'),
  judgeIssueTime(claims, leaf),
  judgeValidity(claims, cityDateOf(at)),
]

/** A certificate of one department signs nothing in the name of another. */
const judgeIssuer = ({ iss }: JsonObject, leaf: ParsedCertificate): Finding =>
  judged(
    typeof iss === 'string' && urisOf(leaf).includes(iss),
    'issuer_binding',
    'SIG_CONSTRAINTS_FAILURE',
  )

const hasLicenceClaims = (claims: JsonObject): boolean => {
  const { iss, iat, vct, licenceId, typeCode } = claims
  const others = ['version', 'issuedAt', 'validFrom', 'trustLevel'].map((name) => claims[name])
  if (![...others, iss].every(isText) || typeof iat !== 'number') return false
  if (!isText(iss) || !isText(vct) || !isText(licenceId) || !isText(typeCode)) return false
  const base = baseOf(iss, claims)
  return base !== undefined && vct.startsWith(`${base}/vct/${typeCode}/`) && isUuid(licenceId)
}

/** The URL under which issuers are named; undefined for an issuer that cannot say this. */
const baseOf = (iss: string, claims: JsonObject): string | undefined => {
  if (claims['attestedBy'] === undefined) return /^(.+)\/issuers\/[0-9A-Z]{18}$/.exec(iss)?.[1]
  return hasAttestation(claims) ? /^(.+)\/gateway$/.exec(iss)?.[1] : undefined
}

/** Which hall answered, whose paper, of when, in which bytes. */
const hasAttestation = ({ attestedBy, attestation }: JsonObject): boolean =>
  attestedBy === 'gateway' &&
  attestation !== undefined &&
  isJsonObject(attestation) &&
  ['hall', 'issuerCode', 'asOf', 'rawDigest'].every((name) => isText(attestation[name]))

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string'

/** The time is self-claimed, so this is consistency and no proof. */
const judgeIssueTime = ({ iat }: JsonObject, leaf: ParsedCertificate): Finding => {
  const issuedMs = typeof iat === 'number' ? iat * 1000 : Number.NaN
  const isWithin = issuedMs >= leaf.notBefore.getTime() && issuedMs <= leaf.notAfter.getTime()
  return isWithin
    ? passed('issue_within_certificate')
    : open('issue_within_certificate', 'SIG_CONSTRAINTS_FAILURE')
}

/** Validity of a licence is not validity of a proof: past its end the credential stays genuine. */
const judgeValidity = ({ validFrom, validTo }: JsonObject, today: string): Finding => {
  const isBefore = isDay(validFrom) && today < validFrom
  const isAfter = isDay(validTo) && today > validTo
  if (!isBefore && !isAfter) return passed('licence_validity')
  return warning('licence_validity', [validFrom, validTo].filter(isText).join(' – '))
}

const isDay = (value: JsonValue | undefined): value is string =>
  isText(value) && /^\d{4}-\d{2}-\d{2}$/.test(value)
