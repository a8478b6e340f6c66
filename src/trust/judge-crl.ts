import type { StatusInputs } from './certificate-status.ts'
import { judgeSignatureAlgorithm } from './judge-algorithms.ts'
import { oid } from './oid.ts'
import type { CrlEntry, CrlScope, ParsedCrl } from './parse-crl.ts'

/** Why a CRL cannot be used for any certificate (RFC 5280 §5), undefined for a usable one. */
export const judgeCrl = (
  crl: ParsedCrl,
  { algorithms, needsKeyIdentifiers }: Pick<StatusInputs, 'algorithms' | 'needsKeyIdentifiers'>,
): string | undefined => {
  const isUnnamed = crl.decoded.values.authorityKeyIdentifier?.keyIdentifier === undefined
  const reasons = [
    judgeSignatureAlgorithm(crl.signatureAlgorithm, algorithms),
    needsKeyIdentifiers && isUnnamed ? 'crl_authority_key_identifier_missing' : undefined,
    judgeCrlFields(crl),
    judgeCrlExtensions(crl),
    judgeScope(crl.decoded.values.scope),
    ...crl.entries.map((entry) => judgeEntry(entry, crl)),
  ]
  return reasons.find((reason) => reason !== undefined)
}

const judgeCrlFields = (crl: ParsedCrl): string | undefined => {
  if (Buffer.compare(crl.innerAlgorithm.encoding, crl.signatureAlgorithm.encoding) !== 0) {
    return 'signature_algorithm_mismatch'
  }
  if (crl.issuer.rdns.length === 0) return 'crl_issuer_empty'
  if (crl.repeatsEntry) return 'crl_entry_repeated'
  return crl.nextUpdate === undefined ? 'crl_next_update_missing' : undefined
}

/** Criticality by RFC 5280 §5.2.1, .3, .4, .5, .6. */
const neverCritical: readonly string[] = [
  oid.authorityKeyIdentifier,
  oid.issuerAltName,
  oid.crlNumber,
  oid.freshestCrl,
  oid.authorityInfoAccess,
]
const alwaysCritical: readonly string[] = [oid.deltaCrlIndicator, oid.issuingDistributionPoint]

const judgeCrlExtensions = ({ decoded, extensions }: ParsedCrl): string | undefined => {
  if (decoded.unknownCritical.length > 0) return 'crl_unknown_critical_extension'
  if (decoded.malformed.length > 0) return 'crl_malformed_extension'
  if (decoded.repeated.length > 0) return 'crl_repeated_extension'
  const isMarkedWrong = extensions.some(({ id, critical }) =>
    (critical ? neverCritical : alwaysCritical).includes(id),
  )
  if (isMarkedWrong) return 'crl_extension_criticality'
  return decoded.values.crlNumber === undefined ? 'crl_number_missing' : undefined
}

/** §5.2.5: at most one of the three `only…` marks; reasons of attribute certificates do not concern us. */
const judgeScope = (scope: CrlScope | undefined): string | undefined => {
  if (scope === undefined) return undefined
  const marks = [scope.onlyUserCerts, scope.onlyCaCerts, scope.onlyAttributeCerts]
  if (marks.filter(Boolean).length > 1) return 'crl_scope_contradictory'
  return scope.onlySomeReasons?.size === 0 ? 'crl_scope_without_reasons' : undefined
}

const judgeEntry = ({ decoded, extensions }: CrlEntry, crl: ParsedCrl): string | undefined => {
  if (extensions.length === 0) return undefined
  if (decoded.unknownCritical.length > 0) return 'crl_entry_unknown_critical_extension'
  if (decoded.malformed.length + decoded.repeated.length > 0) return 'crl_entry_malformed_extension'
  const { reason = 0, certificateIssuer } = decoded.values
  if (!isReasonOf(crl, reason)) return 'crl_entry_reason'
  const isIndirect = crl.decoded.values.scope?.indirect === true
  return certificateIssuer && !isIndirect ? 'crl_entry_issuer' : undefined
}

/** CRLReason 7 is not used; removeFromCRL (8) stands in delta CRLs only. */
const isReasonOf = (crl: ParsedCrl, reason: number): boolean =>
  reason <= 10 && reason !== 7 && (reason !== 8 || crl.decoded.values.deltaBase !== undefined)
