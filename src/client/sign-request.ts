import type { RandomBytes } from '../contract/uuid.ts'
import { encodeBase64, encodeBase64Url } from '../crypto/base64url.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import type { DigestName } from '../crypto/digest.ts'
import { contentDigest } from '../crypto/message-signature/content-digest.ts'
import {
  prepareRequestSignature,
  type RequestAlgorithm,
} from '../crypto/message-signature/request-signature.ts'
import { digestNameOf, type Signer } from '../crypto/signer.ts'

/** The key that signs a client's requests. */
export type RequestKey = {
  readonly algorithm: RequestAlgorithm
  /** Name of the registered certificate, see certificateIdOf. */
  readonly keyId: string
  /** Digest of bodies: sm3 for SM2 keys. */
  readonly digestName: DigestName
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
}

export type OutgoingRequest = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** The gateway's public URL with path and query, as it is signed. */
  readonly url: string
  readonly body?: Uint8Array
  /** Default `application/json` when there is a body. */
  readonly contentType?: string
  /** Else the key's own. */
  readonly digestName?: DigestName
  readonly idempotencyKey?: string
  readonly operatorId?: string
  readonly sequence?: number
  readonly lastReceiptNo?: string
  /** How long the signature is meant to be good. */
  readonly expiresInSeconds?: number
}

export type SignedRequest = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** What was signed; its digest stands in the receipt. */
  readonly signatureBase: string
}

/** Signs a request by the gateway's profile of RFC 9421. The result is good once, and for two minutes. */
export const signRequest = async (
  deps: { readonly key: RequestKey; readonly now: Date; readonly randomBytes: RandomBytes },
  request: OutgoingRequest,
): Promise<SignedRequest> => {
  const { key, now, randomBytes } = deps
  const headers = headersOf({ digestName: key.digestName, ...request })
  const created = Math.floor(now.getTime() / 1000)
  const { base, signatureInput } = prepareRequestSignature(
    { method: request.method, targetUri: request.url, header: (name) => headers[name] },
    {
      created,
      nonce: encodeBase64Url(randomBytes(16)),
      keyId: key.keyId,
      algorithm: key.algorithm,
      ...(request.expiresInSeconds === undefined
        ? {}
        : { expires: created + request.expiresInSeconds }),
    },
  )
  const signature = await key.sign(Buffer.from(base))
  return {
    method: request.method,
    url: request.url,
    headers: {
      ...headers,
      'signature-input': signatureInput,
      signature: `sig1=:${encodeBase64(signature)}:`,
    },
    body: request.body,
    signatureBase: base,
  }
}

/** The request key of a signer whose first certificate is registered at the gateway. */
export const requestKeyOf = (signer: Signer): RequestKey => {
  const [leaf] = signer.chain
  if (leaf === undefined) throw new RangeError('a request key has a certificate')
  return {
    algorithm: signer.alg === 'ES256' ? 'ecdsa-p256-sha256' : 'sm2-sm3',
    keyId: certificateIdOf(leaf),
    digestName: digestNameOf(signer.alg),
    sign: signer.sign,
  }
}

const headersOf = (
  request: OutgoingRequest & { readonly digestName: DigestName },
): Record<string, string> => {
  const { body, digestName, contentType = 'application/json' } = request
  return {
    ...(body === undefined
      ? {}
      : { 'content-type': contentType, 'content-digest': contentDigest(digestName, body) }),
    ...headerOf('idempotency-key', request.idempotencyKey),
    ...headerOf('zhengqiao-operator', request.operatorId),
    ...headerOf('zhengqiao-seq', request.sequence?.toString()),
    ...headerOf('zhengqiao-last', request.lastReceiptNo),
  }
}

const headerOf = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value }
