import type { CertificateId } from '../contract/ids.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import { derMembers, derStructure, readDer } from '../crypto/read-der.ts'
import { readTime } from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'

/** What the registry keeps of a client's certificate; its issuer has been judged by whoever registers it. */
export type ParsedClientCertificate = {
  readonly certificateId: CertificateId
  readonly der: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
}

/**
 * Reads validity and public key out of a certificate (RFC 5280 §4.1).
 * @throws DerError
 */
export const parseClientCertificate = (der: Uint8Array): ParsedClientCertificate => {
  const certificate = derMembers(readDer(der, derTag.sequence))
  const tbs = derMembers(certificate.next(derTag.sequence))
  tbs.optional(0xa0)
  tbs.next(derTag.integer)
  tbs.next(derTag.sequence)
  tbs.next(derTag.sequence)
  const [notBefore, notAfter] = derStructure(tbs.next(derTag.sequence), (validity) => [
    readTime(validity.next()),
    readTime(validity.next()),
  ])
  tbs.next(derTag.sequence)
  const spki = tbs.next(derTag.sequence).encoding
  return { certificateId: certificateIdOf(der), der, spki, notBefore, notAfter }
}
