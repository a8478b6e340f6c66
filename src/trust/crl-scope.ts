import { isCa } from './judge-profile.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { ParsedCrl } from './parse-crl.ts'
import type { DistributionPoint, DistributionPointName } from './parse-distribution-point.ts'
import { isSameGeneralName, type GeneralName } from './parse-general-name.ts'
import { extendName, type ParsedName } from './parse-name.ts'

/** ReasonFlags 1 to 8; bit 0 is unused. */
export const allReasons: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8])

/** The certificate's distribution points, and the issuer's own CRL (RFC 5280 §6.3.3, last paragraphs). */
export const distributionPoints = (
  certificate: ParsedCertificate,
): readonly DistributionPoint[] => [
  ...(certificate.decoded.values.crlDistributionPoints ?? []),
  {
    name: { kind: 'full', names: [{ kind: 'directory', name: certificate.issuer }] },
    reasons: undefined,
    crlIssuer: undefined,
  },
]

/**
 * The reasons that a CRL covers for a certificate at a distribution point, empty when the CRL does not
 * speak about it (RFC 5280 §6.3.3 (b), (d)).
 */
export const coveredReasons = (
  crl: ParsedCrl,
  certificate: ParsedCertificate,
  point: DistributionPoint,
): ReadonlySet<number> => {
  if (!isIssuedFor(crl, certificate, point) || !isInScope(crl, certificate, point)) {
    return new Set()
  }
  const some = crl.decoded.values.scope?.onlySomeReasons ?? allReasons
  const isCovered = (reason: number): boolean =>
    some.has(reason) && (point.reasons?.has(reason) ?? true)
  return new Set([...allReasons].filter(isCovered))
}

/** (b)(1). */
const isIssuedFor = (
  crl: ParsedCrl,
  certificate: ParsedCertificate,
  point: DistributionPoint,
): boolean => {
  if (point.crlIssuer === undefined) return crl.issuer.key === certificate.issuer.key
  const names = directoryNames(point.crlIssuer)
  const isNamed = names.some(({ key }) => key === crl.issuer.key)
  return isNamed && crl.decoded.values.scope?.indirect === true
}

/** (b)(2). */
const isInScope = (
  crl: ParsedCrl,
  certificate: ParsedCertificate,
  point: DistributionPoint,
): boolean => {
  const { scope } = crl.decoded.values
  if (scope === undefined) return true
  if (scope.onlyAttributeCerts) return false
  if (scope.onlyUserCerts && isCa(certificate)) return false
  if (scope.onlyCaCerts && !isCa(certificate)) return false
  if (scope.name === undefined) return true
  const offered = fullNames(scope.name, crl.issuer)
  const wanted = pointNames(point, certificate)
  return offered.some((a) => wanted.some((b) => isSameGeneralName(a, b)))
}

const pointNames = (
  point: DistributionPoint,
  certificate: ParsedCertificate,
): readonly GeneralName[] => {
  if (point.name === undefined) return point.crlIssuer ?? []
  const [base = certificate.issuer] = directoryNames(point.crlIssuer ?? [])
  return fullNames(point.name, base)
}

const fullNames = (name: DistributionPointName, base: ParsedName): readonly GeneralName[] =>
  name.kind === 'full' ? name.names : [{ kind: 'directory', name: extendName(base, name.rdn) }]

const directoryNames = (names: readonly GeneralName[]): readonly ParsedName[] =>
  names.flatMap((name) => (name.kind === 'directory' ? [name.name] : []))
