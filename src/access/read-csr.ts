import { GatewayError } from '../contract/error.ts'
import { decodeBase64 } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { DerError } from '../crypto/read-der.ts'
import { readPublicKey } from '../crypto/key-cache.ts'
import type { SigningAlgorithm } from '../crypto/signer.ts'
import { isSm2Spki } from '../crypto/sm2/public-key.ts'
import { readSigningRequest } from '../trust/signing-request.ts'
import type { KeyRules } from './onboarding-deps.ts'

export type ClientKeyRequest = {
  readonly der: Uint8Array
  /** DER SubjectPublicKeyInfo; the request proved possession of its key. */
  readonly spki: Uint8Array
}

/**
 * Reads a PKCS #10 request in PEM for a key of one of the gateway's algorithms. Its subject is ignored: the registry says whose it is.
 * @throws GatewayError validation_failed
 */
export const readCsr = (pem: string, rules: KeyRules): ClientKeyRequest => {
  const base64 =
    /^-----BEGIN CERTIFICATE REQUEST-----\s([\sA-Za-z0-9+/=]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
      pem,
    )?.[1]
  if (base64 === undefined) throw refused('须为 PEM 格式的 PKCS#10 证书申请')
  return readRequest(base64.replace(/\s/g, ''), rules)
}

const readRequest = (base64: string, { algorithms, verifies }: KeyRules): ClientKeyRequest => {
  try {
    const der = decodeBase64(base64)
    const { spki } = readSigningRequest(der, verifies)
    const alg = algorithmOf(spki)
    if (alg === undefined || !algorithms.includes(alg)) throw refused(wanted(algorithms))
    return { der, spki }
  } catch (cause) {
    if (cause instanceof DerError || cause instanceof CryptoError)
      throw refused('证书申请内容不正确,或其签名不符', cause)
    throw cause
  }
}

const algorithmOf = (spki: Uint8Array): SigningAlgorithm | undefined => {
  if (isSm2Spki(spki)) return 'SM2-SM3'
  return readPublicKey(spki)?.kind === 'P-256' ? 'ES256' : undefined
}

const wanted = (algorithms: readonly SigningAlgorithm[]): string =>
  algorithms.includes('ES256') ? '密钥须为 P-256 或 SM2' : '本网关只用国密算法,密钥须为 SM2'

const refused = (detail: string, cause?: unknown): GatewayError =>
  new GatewayError('validation_failed', detail, {
    cause,
    errors: [{ pointer: '/csr', code: 'csr', detail }],
  })
