import type { AnchorPurposes } from './anchor-purposes.ts'
import { parseCertificate, type ParsedCertificate } from './parse-certificate.ts'
import { tryParse } from './try-parse.ts'

/** Certificates by subject, for path building. */
export type CertificateSource = {
  readonly anchors: ReadonlyMap<string, readonly ParsedCertificate[]>
  readonly pool: ReadonlyMap<string, readonly ParsedCertificate[]>
  readonly anchorPurposes: AnchorPurposes
}

/** Parses a bag of DER certificates; what is not well-formed is no candidate and is left out. */
export const openCertificateSource = (
  anchors: readonly Uint8Array[],
  pool: readonly Uint8Array[],
  anchorPurposes: AnchorPurposes = {},
): CertificateSource => ({ anchors: bySubject(anchors), pool: bySubject(pool), anchorPurposes })

/** The certificate, or undefined where the bytes are none. */
export const tryParseCertificate = (der: Uint8Array): ParsedCertificate | undefined =>
  tryParse(der, parseCertificate)

const bySubject = (
  ders: readonly Uint8Array[],
): ReadonlyMap<string, readonly ParsedCertificate[]> => {
  const found = new Map<string, ParsedCertificate[]>()
  for (const certificate of ders.map(tryParseCertificate)) {
    if (certificate === undefined) continue
    const same = found.get(certificate.subject.key)
    if (same === undefined) found.set(certificate.subject.key, [certificate])
    else if (same.every(({ id }) => id !== certificate.id)) same.push(certificate)
  }
  return found
}
