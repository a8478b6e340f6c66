import { asId, type CertificateId } from '../contract/ids.ts'
import { encodeBase64Url } from './base64url.ts'
import { readCertificateHead } from './cms/certificate-head.ts'
import { CryptoError } from './crypto-error.ts'
import { digest, type DigestName } from './digest.ts'
import { isSm2Spki } from './sm2/public-key.ts'

/**
 * Name of a certificate: base64url of the digest of its DER bytes, SM3 where its key is of SM2, else
 * SHA-256. So whoever holds the certificate knows its name, whatever gateway asks.
 */
export const certificateIdOf = (der: Uint8Array): CertificateId =>
  asId(encodeBase64Url(digest(digestNameOfCertificate(der), der)))

const digestNameOfCertificate = (der: Uint8Array): DigestName => {
  try {
    return isSm2Spki(readCertificateHead(der).spki) ? 'sm3' : 'sha-256'
  } catch (error) {
    if (error instanceof CryptoError) return 'sha-256'
    throw error
  }
}
