import { X509Certificate } from 'node:crypto'
import type { CertificateId } from '../contract/ids.ts'
import { asId } from '../contract/ids.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { digest } from '../crypto/digest.ts'
import { loadFileSigner, type Signer } from '../crypto/signer.ts'

/** The key under which a client signs its requests; the gateway knows it by its certificate. */
export type RequestKey = {
  /** base64url SHA-256 of the certificate's DER: the `keyid` of a signature. */
  readonly certificateId: CertificateId
  readonly signer: Signer
}

/**
 * A key from PKCS #8 PEM and its certificate's PEM.
 * @throws CryptoError when either cannot be read or they do not belong together
 */
export const loadRequestKey = (privateKeyPem: string, certificatePem: string): RequestKey => {
  const der = new X509Certificate(certificatePem).raw
  return {
    certificateId: asId(encodeBase64Url(digest('sha-256', der))),
    signer: loadFileSigner(privateKeyPem, [der]),
  }
}
