import { keyUsageBit } from './certificate-extensions.ts'
import { isWellFormedName } from './name-syntax.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { FindingCode, ProfileFault } from './path-finding.ts'
import { judgeConstraintsForm } from './judge-name-constraints-form.ts'

/** Where a certificate stands on a path. */
export type PathRole = 'leaf' | 'intermediate' | 'anchor'

/** What RFC 5280 §4 forbids a CA to issue, judged certificate by certificate. */
export const judgeProfile = (
  certificate: ParsedCertificate,
  role: PathRole,
  isSelfSigned: () => boolean,
): readonly ProfileFault[] => [
  ...judgeFields(certificate, role),
  ...judgeExtensionList(certificate),
  ...judgeKeyIdentifiers(certificate, isSelfSigned),
  ...judgeKeyUsage(certificate, role),
  ...judgeAlternativeNames(certificate),
  ...judgePolicies(certificate),
  ...judgeConstraintsForm(certificate),
]

const fault = (when: boolean, code: FindingCode, detail?: string): readonly ProfileFault[] =>
  when ? [detail === undefined ? { code } : { code, detail }] : []

export const isCa = ({ decoded }: ParsedCertificate): boolean =>
  decoded.values.basicConstraints?.ca === true

const serialOctetsMax = 20

const judgeFields = (certificate: ParsedCertificate, role: PathRole): readonly ProfileFault[] => {
  const { serial, issuer, subject, version } = certificate
  const isZero = serial.every((octet) => octet === 0)
  const isNamedElsewhere = certificate.extensions.some(
    ({ id, critical }) => id === oid.subjectAltName && critical,
  )
  const mayBeNameless = role === 'leaf' && !isCa(certificate) && isNamedElsewhere
  return [
    ...fault(isZero || (serial[0] ?? 0) >= 0x80, 'serial_not_positive'),
    ...fault(serial.length > serialOctetsMax, 'serial_too_long'),
    ...fault(issuer.rdns.length === 0, 'issuer_empty'),
    ...fault(subject.rdns.length === 0 && !mayBeNameless, 'subject_empty'),
    ...fault(role !== 'leaf' && version !== 3, 'version_too_low'),
  ]
}

/** RFC 5280 §4.2.1.1, .2, .8, .15, §4.2.2. */
const neverCritical: readonly string[] = [
  oid.authorityKeyIdentifier,
  oid.subjectKeyIdentifier,
  oid.subjectDirectoryAttributes,
  oid.freshestCrl,
  oid.authorityInfoAccess,
  oid.subjectInfoAccess,
]

/** RFC 5280 §4.2.1.10, .11, .14. */
const alwaysCritical: readonly string[] = [
  oid.nameConstraints,
  oid.policyConstraints,
  oid.inhibitAnyPolicy,
]

const judgeExtensionList = (certificate: ParsedCertificate): readonly ProfileFault[] => {
  const { decoded, extensions } = certificate
  const mustBeCritical = isCa(certificate)
    ? [...alwaysCritical, oid.basicConstraints]
    : alwaysCritical
  return [
    ...decoded.malformed.flatMap((id) => fault(true, 'malformed_extension', id)),
    ...decoded.repeated.flatMap((id) => fault(true, 'repeated_extension', id)),
    ...extensions.flatMap(({ id, critical }) => [
      ...fault(critical && neverCritical.includes(id), 'must_not_be_critical', id),
      ...fault(!critical && mustBeCritical.includes(id), 'must_be_critical', id),
    ]),
  ]
}

const judgeKeyIdentifiers = (
  certificate: ParsedCertificate,
  isSelfSigned: () => boolean,
): readonly ProfileFault[] => {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = certificate.decoded.values
  const isAuthorityNamed = authorityKeyIdentifier?.keyIdentifier !== undefined
  return [
    ...fault(!isAuthorityNamed && !isSelfSigned(), 'authority_key_identifier_missing'),
    ...fault(
      isCa(certificate) && subjectKeyIdentifier === undefined,
      'subject_key_identifier_missing',
    ),
  ]
}

const judgeKeyUsage = (certificate: ParsedCertificate, role: PathRole): readonly ProfileFault[] => {
  const { keyUsage, basicConstraints } = certificate.decoded.values
  const ca = isCa(certificate)
  const isLimited = basicConstraints?.pathLength !== undefined
  if (keyUsage === undefined) {
    return [
      // An anchor is believed because its keeper says so; §6.1.4 (n), §6.3.3 (f) ask only "if present".
      ...fault(role === 'intermediate' && ca, 'key_usage_missing'),
      ...fault(isLimited && !ca, 'path_length_without_ca'),
    ]
  }
  const signsCertificates = keyUsage.has(keyUsageBit.keyCertSign)
  return [
    ...fault(keyUsage.size === 0, 'key_usage_empty'),
    ...fault(signsCertificates && !ca, 'cert_sign_without_ca'),
    ...fault(isLimited && !(ca && signsCertificates), 'path_length_without_ca'),
  ]
}

const judgeAlternativeNames = ({ decoded }: ParsedCertificate): readonly ProfileFault[] => {
  const { subjectAltName = [], issuerAltName = [] } = decoded.values
  const malformed = [...subjectAltName, ...issuerAltName].filter((name) => !isWellFormedName(name))
  return malformed
    .slice(0, 1)
    .flatMap(({ kind }) => fault(true, 'alternative_name_malformed', kind))
}

/** id-qt-cps and id-qt-unotice, RFC 5280 §4.2.1.4. */
const knownQualifiers: readonly string[] = ['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']

const judgePolicies = ({ decoded, extensions }: ParsedCertificate): readonly ProfileFault[] => {
  const { certificatePolicies = [], policyConstraints } = decoded.values
  const isCritical = extensions.some((each) => each.critical && each.id === oid.certificatePolicies)
  const ids = certificatePolicies.map(({ id }) => id)
  const hasUnknownQualifier = certificatePolicies.some(({ qualifiers }) =>
    qualifiers.some((id) => !knownQualifiers.includes(id)),
  )
  const { requireExplicitPolicy, inhibitPolicyMapping } = policyConstraints ?? {}
  const isEmpty = requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined
  return [
    ...fault(new Set(ids).size !== ids.length, 'policy_repeated'),
    ...fault(isCritical && hasUnknownQualifier, 'policy_qualifier_unknown'),
    ...fault(policyConstraints !== undefined && isEmpty, 'policy_constraints_empty'),
  ]
}
