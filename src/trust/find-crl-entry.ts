import type { ParsedCertificate } from './parse-certificate.ts'
import type { CrlEntry, ParsedCrl } from './parse-crl.ts'

/**
 * The last entry of a CRL about a certificate. In an indirect CRL an entry belongs to the issuer that it
 * or the nearest entry above it names, the first ones to the CRL's issuer (RFC 5280 §5.3.3).
 */
export const findCrlEntry = (
  crl: ParsedCrl,
  certificate: ParsedCertificate,
): CrlEntry | undefined => {
  let issuers: readonly string[] = [crl.issuer.key]
  let found: CrlEntry | undefined
  for (const entry of crl.entries) {
    const named = entry.decoded.values.certificateIssuer
    if (named !== undefined) {
      issuers = named.flatMap((name) => (name.kind === 'directory' ? [name.name.key] : []))
    }
    if (
      Buffer.compare(entry.serial, certificate.serial) === 0 &&
      issuers.includes(certificate.issuer.key)
    ) {
      found = entry
    }
  }
  return found
}
