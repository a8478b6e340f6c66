import { X509Certificate } from 'node:crypto'
import { loadFileSigner } from '../crypto/signer.ts'
import { type RequestKey, requestKeyOf } from './sign-request.ts'

/**
 * A request key from PKCS #8 PEM and its certificate's PEM.
 * @throws CryptoError when the key cannot be read or is not the certificate's
 */
export const loadRequestKey = (privateKeyPem: string, certificatePem: string): RequestKey =>
  requestKeyOf(loadFileSigner(privateKeyPem, [new X509Certificate(certificatePem).raw]))
