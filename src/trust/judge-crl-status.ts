import type { CertificatePath } from './build-paths.ts'
import { keyUsageBit } from './certificate-extensions.ts'
import {
  earlier,
  revokedStatus,
  type CertificateStatus,
  type StatusInputs,
  type TimeWindow,
} from './certificate-status.ts'
import { allReasons, coveredReasons, distributionPoints } from './crl-scope.ts'
import { isDeltaOf, readCrls, type CrlStatement } from './crl-status.ts'
import { judgeCrl } from './judge-crl.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { ParsedCrl } from './parse-crl.ts'
import type { DistributionPoint } from './parse-distribution-point.ts'

/** RFC 5280 §6.3: what the CRLs at hand say of a certificate; `above` is its path, issuer to anchor. */
export const judgeByCrls = (
  certificate: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): CertificateStatus => {
  const covered = new Set<number>()
  const windows: TimeWindow[] = []
  let reason = 'no_data'
  for (const { crl, reasons, isDelegated } of relevantCrls(certificate, inputs)) {
    // A CRL issuer that the CA itself names may speak about its own certificate.
    const trusted = isDelegated ? [certificate, ...above] : above
    const statement = believedStatement(certificate, crl, trusted, inputs)
    if (typeof statement === 'string') {
      reason = statement
      continue
    }
    const { revocation, isCurrent } = statement
    const revoked = revocation && revokedStatus(revocation, isCurrent, inputs.at)
    if (revoked !== undefined) return revoked
    if (!isCurrent) {
      reason = 'crl_not_current'
      continue
    }
    windows.push(statement)
    for (const each of reasons) covered.add(each)
  }
  if (covered.size === allReasons.size) return { kind: 'good', windows }
  return { kind: 'unknown', reason: covered.size > 0 ? 'crl_reasons_incomplete' : reason }
}

type RelevantCrl = {
  readonly crl: ParsedCrl
  readonly reasons: ReadonlySet<number>
  /** The distribution point names another CRL issuer. */
  readonly isDelegated: boolean
}

const relevantCrls = (
  certificate: ParsedCertificate,
  { revocation }: StatusInputs,
): readonly RelevantCrl[] =>
  distributionPoints(certificate).flatMap((point) =>
    issuerNames(point, certificate).flatMap((name) =>
      revocation
        .flatMap(({ complete }) => complete.get(name) ?? [])
        .map((crl) => ({
          crl,
          reasons: coveredReasons(crl, certificate, point),
          isDelegated: point.crlIssuer !== undefined,
        }))
        .filter(({ reasons }) => reasons.size > 0),
    ),
  )

const issuerNames = (
  { crlIssuer }: DistributionPoint,
  certificate: ParsedCertificate,
): readonly string[] =>
  crlIssuer === undefined
    ? [certificate.issuer.key]
    : crlIssuer.flatMap((name) => (name.kind === 'directory' ? [name.name.key] : []))

/** What a CRL says once its form, its signer and the signer's path are good; else why it says nothing. */
const believedStatement = (
  certificate: ParsedCertificate,
  crl: ParsedCrl,
  above: CertificatePath,
  inputs: StatusInputs,
): CrlStatement | string => {
  const fault = judgeCrl(crl, inputs)
  if (fault !== undefined) return fault
  const signer = signers(crl, above, inputs)
    .filter((each) => inputs.desk(crl, each.publicKey) === 'right')
    .map((each) => ({ ...each, believedUntil: believedUntil(each, above, inputs) }))
    .find((each) => each.believedUntil !== undefined)
  if (signer?.believedUntil === undefined) return 'crl_signer'
  const delta = inputs.revocation
    .flatMap(({ deltas }) => deltas.get(crl.issuer.key) ?? [])
    .find(
      (each) =>
        isDeltaOf(each, crl) &&
        judgeCrl(each, inputs) === undefined &&
        each.thisUpdate <= inputs.at &&
        inputs.at <= (each.nextUpdate ?? each.thisUpdate) &&
        inputs.desk(each, signer.publicKey) === 'right',
    )
  const statement = readCrls(certificate, crl, delta, inputs.at)
  return { ...statement, until: earlier(statement.until, signer.believedUntil) }
}

/** Certificates that bear the CRL issuer's name and may sign CRLs, those on the path first. */
const signers = (
  crl: ParsedCrl,
  above: CertificatePath,
  { certificates }: StatusInputs,
): readonly ParsedCertificate[] => {
  const name = crl.issuer.key
  const elsewhere = certificates.flatMap(({ anchors, pool }) => [
    ...(anchors.get(name) ?? []),
    ...(pool.get(name) ?? []),
  ])
  const wanted = crl.decoded.values.authorityKeyIdentifier?.keyIdentifier
  const isKeyNamed = (own: Uint8Array | undefined): boolean =>
    wanted === undefined || own === undefined || Buffer.compare(wanted, own) === 0
  return [...above.filter(({ subject }) => subject.key === name), ...elsewhere].filter(
    ({ decoded: { values } }) =>
      (values.keyUsage?.has(keyUsageBit.cRLSign) ?? true) &&
      isKeyNamed(values.subjectKeyIdentifier),
  )
}

/** Until when a signer is believed: on the path by the path itself, else by a path of its own. */
const believedUntil = (
  signer: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): Date | undefined => {
  if (above.some(({ id }) => id === signer.id)) return signer.notAfter
  const anchor = above.at(-1)
  return anchor && inputs.ownPathUntil(signer, anchor)
}
