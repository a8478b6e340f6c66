import { X509Certificate } from 'node:crypto'
import type { Sm2Engine } from '../crypto/sm2/engine.ts'
import { isSm2KeyFile, loadSigner } from '../crypto/sm2/load-signer.ts'
import { openPlainGmCrypto } from '../crypto/provider/gm-crypto.ts'
import { loadFileSigner } from '../crypto/signer.ts'
import { type RequestKey, requestKeyOf } from './sign-request.ts'

/**
 * A request key from PKCS #8 PEM (P-256 or SM2) and its certificate's PEM. An SM2 key needs an engine;
 * who loads many hands one in.
 * @throws CryptoError when the key cannot be read or is not the certificate's
 */
export const loadRequestKey = (
  privateKeyPem: string,
  certificatePem: string,
  sm2?: Sm2Engine,
): RequestKey => {
  const chain = [new X509Certificate(certificatePem).raw]
  return requestKeyOf(
    isSm2KeyFile(privateKeyPem)
      ? loadSigner(sm2 ?? openPlainGmCrypto().sm2, privateKeyPem, chain)
      : loadFileSigner(privateKeyPem, chain),
  )
}
