import { CryptoError } from '../crypto-error.ts'
import { DerError, derExplicit, derList, derMembers, readDer, type DerNode } from '../read-der.ts'
import { readIntegerBytes, readOctetString, readOid } from '../read-der-value.ts'
import { derTag } from '../write-der.ts'

/** What CMS needs of a certificate; judging it is the business of trust/. */
export type CertificateHead = {
  readonly der: Uint8Array
  readonly serial: Uint8Array
  /** DER Name. */
  readonly issuer: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** Of the extension, undefined without one. */
  readonly keyIdentifier: Uint8Array | undefined
}

/** @throws CryptoError cms_malformed */
export const readCertificateHead = (der: Uint8Array): CertificateHead => {
  try {
    const tbs = derMembers(derMembers(readDer(der, derTag.sequence)).next(derTag.sequence))
    tbs.optional(0xa0)
    const serial = readIntegerBytes(tbs.next())
    tbs.next(derTag.sequence)
    const issuer = tbs.next(derTag.sequence).encoding
    tbs.next(derTag.sequence)
    tbs.next(derTag.sequence)
    const spki = tbs.next(derTag.sequence).encoding
    tbs.optional(0x81)
    tbs.optional(0x82)
    const extensions = tbs.optional(0xa3)
    return { der, serial, issuer, spki, keyIdentifier: extensions && keyIdentifierOf(extensions) }
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new CryptoError('cms_malformed', 'a certificate is not DER', { cause })
  }
}

const subjectKeyIdentifier = '2.5.29.14'

const keyIdentifierOf = (extensions: DerNode): Uint8Array | undefined => {
  for (const extension of derList(derExplicit(extensions, derTag.sequence))) {
    const members = derMembers(extension)
    if (readOid(members.next()) !== subjectKeyIdentifier) continue
    members.optional(derTag.boolean)
    return readOctetString(readDer(readOctetString(members.next())))
  }
  return undefined
}
