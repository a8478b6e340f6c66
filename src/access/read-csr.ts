import { GatewayError } from '../contract/error.ts'
import { decodeBase64 } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { DerError } from '../crypto/read-der.ts'
import { readPublicKey } from '../crypto/key-cache.ts'
import { readSigningRequest } from '../trust/signing-request.ts'

export type ClientKeyRequest = {
  readonly der: Uint8Array
  /** DER SubjectPublicKeyInfo; the request proved possession of its key. */
  readonly spki: Uint8Array
}

/**
 * Reads a PKCS #10 request in PEM for a P-256 key. Its subject is ignored: the registry says whose it is.
 * @throws GatewayError validation_failed
 */
export const readCsr = (pem: string): ClientKeyRequest => {
  const base64 =
    /^-----BEGIN CERTIFICATE REQUEST-----\s([\sA-Za-z0-9+/=]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
      pem,
    )?.[1]
  if (base64 === undefined) throw refused('须为 PEM 格式的 PKCS#10 证书申请')
  return readRequest(base64.replace(/\s/g, ''))
}

const readRequest = (base64: string): ClientKeyRequest => {
  try {
    const der = decodeBase64(base64)
    const { spki } = readSigningRequest(der)
    if (readPublicKey(spki)?.kind !== 'P-256') throw refused('密钥须为 P-256')
    return { der, spki }
  } catch (cause) {
    if (cause instanceof DerError || cause instanceof CryptoError)
      throw refused('证书申请内容不正确,或其签名不符', cause)
    throw cause
  }
}

const refused = (detail: string, cause?: unknown): GatewayError =>
  new GatewayError('validation_failed', detail, {
    cause,
    errors: [{ pointer: '/csr', code: 'csr', detail }],
  })
