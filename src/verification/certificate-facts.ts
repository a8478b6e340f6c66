import type { Json } from '../contract/endpoint.ts'
import type { ParsedCertificate } from '../trust/parse-certificate.ts'
import { nameText } from '../trust/parse-name.ts'

/** What a certificate says about itself, for a report. */
export const certificateFacts = (
  certificate: ParsedCertificate,
): { readonly [name: string]: Json } => ({
  subject: nameText(certificate.subject),
  issuer: nameText(certificate.issuer),
  serial: Buffer.from(certificate.serial).toString('hex'),
  notBefore: certificate.notBefore.toISOString(),
  notAfter: certificate.notAfter.toISOString(),
  uris: urisOf(certificate),
  sha256: certificate.id,
})

/** URIs among the subject's alternative names. */
export const urisOf = ({ decoded }: ParsedCertificate): readonly string[] =>
  (decoded.values.subjectAltName ?? []).flatMap((name) => (name.kind === 'uri' ? [name.text] : []))
