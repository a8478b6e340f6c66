import { keyUsageBit } from './certificate-extensions.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import { nameText } from './parse-name.ts'

/** What a certificate says of itself; proved only as far as its path is. */
export type CertificateFacts = {
  readonly subject: string
  readonly issuer: string
  /** Hex, two's complement. */
  readonly serial: string
  readonly notBefore: string
  readonly notAfter: string
  /** Lower-case hex SHA-256 of the DER. */
  readonly fingerprint: string
  /** OIDs. */
  readonly signatureAlgorithm: string
  readonly keyAlgorithm: string
  readonly isCa: boolean
  readonly keyUsages: readonly string[]
  /** OIDs. */
  readonly purposes: readonly string[]
  readonly names: readonly string[]
}

export const describeCertificate = (certificate: ParsedCertificate): CertificateFacts => {
  const { keyUsage, extKeyUsage, basicConstraints, subjectAltName } = certificate.decoded.values
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    serial: Buffer.from(certificate.serial).toString('hex'),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    fingerprint: certificate.id,
    signatureAlgorithm: certificate.signatureAlgorithm.id,
    keyAlgorithm: certificate.publicKey.algorithm.id,
    isCa: basicConstraints?.ca === true,
    keyUsages: Object.entries(keyUsageBit)
      .filter(([, bit]) => keyUsage?.has(bit))
      .map(([name]) => name),
    purposes: extKeyUsage ?? [],
    names: (subjectAltName ?? []).flatMap((name) => ('text' in name ? [name.text] : [])),
  }
}
