import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { decodeBase64Url, encodeBase64Url } from '../crypto/base64url.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import { readCertificateHead } from '../crypto/cms/certificate-head.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { digest } from '../crypto/digest.ts'
import { parseContentDigest } from '../crypto/message-signature/content-digest.ts'
import {
  parseRequestSignature,
  type RequestSignature,
  requestSignatureBase,
  requireExactCover,
  type SignableRequest,
} from '../crypto/message-signature/request-signature.ts'
import { MessageSignatureError } from '../crypto/message-signature/structured-field.ts'
import { parseJson } from '../crypto/parse-json.ts'
import { digestNameOf, type Signer } from '../crypto/signer.ts'
import { verifySignature, type VerifyContext } from '../crypto/verify-signature.ts'
import { SignerError } from './signer-error.ts'
import type { SignerFolder } from './signer-folder.ts'

const orderLine = z.strictObject({
  order: z.strictObject({
    signatureBase: z.string().max(4000),
    signature: z.string().max(100),
    body: z.string().max(1000),
    certificate: z.string().max(20_000),
  }),
})
const releaseBody = z.strictObject({
  root: z.string().regex(/^[0-9A-Za-z_-]{43}$/),
  rows: z.int().min(1),
})

export type SignedOrder = z.output<typeof orderLine>['order']

/** A release order that one of the department's own stewards signed. */
export type VerifiedOrder = {
  /** base64url digest of signature base and body: the same order again has the same id. */
  readonly orderId: string
  readonly batchId: string
  readonly stewardId: string
  readonly root: Uint8Array
  readonly rows: number
  readonly order: SignedOrder
}

/** Its own algorithm decides by which digest orders are named. */
export type OrderDeps = Pick<SignerFolder, 'stewards' | 'signatures'> & {
  readonly signer: Pick<Signer, 'alg'>
}

const orderDaysMax = 7
const skewMs = 10 * 60_000

/**
 * Verifies the first line of a request: the steward's signed HTTP request to release one batch. The
 * gateway that passes it on need not be trusted, nor whoever else can reach the signer.
 * @throws SignerError
 */
export const verifyOrder = (
  line: Uint8Array,
  { signer, stewards, signatures }: OrderDeps,
  now: Date,
): VerifiedOrder => {
  const order = readOrder(line)
  const certificate = bytesOf(order.certificate)
  const body = bytesOf(order.body)
  const { request, signature } = readRequest(order)
  const stewardId = certificateIdOf(certificate)
  const isKnown = stewards.some((der) => Buffer.compare(der, certificate) === 0)
  if (!isKnown || signature.keyId !== stewardId) {
    throw new SignerError('steward_unknown', 'not one of this department’s stewards')
  }
  requireValid(certificate, signature, now)
  requireSigned(order, certificate, signature, signatures)
  requireDigest(request, body)
  return {
    orderId: encodeBase64Url(
      digest(
        digestNameOf(signer.alg),
        Buffer.concat([Buffer.from(`${order.signatureBase}\n`), body]),
      ),
    ),
    batchId: batchOf(request),
    stewardId,
    order,
    ...readBody(body),
  }
}

const readOrder = (line: Uint8Array): SignedOrder => {
  try {
    return orderLine.parse(parseJson(line, { depthMax: 3 })).order
  } catch (cause) {
    throw new SignerError('order_malformed', 'the first line is no order', cause)
  }
}

const bytesOf = (text: string): Uint8Array => {
  try {
    return decodeBase64Url(text)
  } catch (cause) {
    throw new SignerError('order_malformed', 'not base64url', cause)
  }
}

const readRequest = (
  order: SignedOrder,
): { readonly request: SignableRequest; readonly signature: RequestSignature } => {
  const values = new Map(order.signatureBase.split('\n').map(readComponent))
  const request: SignableRequest = {
    method: values.get('@method') ?? '',
    targetUri: values.get('@target-uri') ?? '',
    header: (name) => values.get(name),
  }
  try {
    const raw = Buffer.from(bytesOf(order.signature)).toString('base64')
    const parameters = values.get('@signature-params') ?? ''
    const signature = parseRequestSignature(`sig1=${parameters}`, `sig1=:${raw}:`)
    requireExactCover(request, signature.covered)
    if (requestSignatureBase(request, signature.covered) === order.signatureBase) {
      return { request, signature }
    }
  } catch (cause) {
    if (!(cause instanceof MessageSignatureError)) throw cause
    throw new SignerError('order_malformed', 'not the profile of request signatures', cause)
  }
  throw new SignerError('order_malformed', 'not the profile of request signatures')
}

const readComponent = (line: string): readonly [string, string] => {
  const [, name, value] = /^"([^"]+)": (.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined) {
    throw new SignerError('order_malformed', 'not a signature base')
  }
  return [name, value]
}

/** The certificate must have been good when the order was signed, and the order must be recent. */
const requireValid = (certificate: Uint8Array, { created }: RequestSignature, now: Date): void => {
  const at = created * 1000
  const { validFrom, validTo } = new X509Certificate(certificate)
  if (at < Date.parse(validFrom) || at > Date.parse(validTo)) {
    throw new SignerError('steward_certificate', 'not valid when the order was signed')
  }
  const ageMs = now.getTime() - at
  if (ageMs > orderDaysMax * 86_400_000 || ageMs < -skewMs) {
    throw new SignerError('order_too_old', 'not signed in these days')
  }
}

const requireSigned = (
  order: SignedOrder,
  certificate: Uint8Array,
  { algorithm, signature }: RequestSignature,
  signatures: VerifyContext,
): void => {
  const { spki } = readCertificateHead(certificate)
  const alg = algorithm === 'ecdsa-p256-sha256' ? 'ES256' : 'SM2-SM3'
  const claim = { alg, spki, bytes: Buffer.from(order.signatureBase), signature }
  if (!verifySignature(claim, signatures)) {
    throw new SignerError('order_signature', 'the steward’s signature does not verify')
  }
}

const requireDigest = (request: SignableRequest, body: Uint8Array): void => {
  try {
    const { algorithm, digest: signed } = parseContentDigest(request.header('content-digest') ?? '')
    if (Buffer.compare(digest(algorithm, body), signed) === 0) return
  } catch (cause) {
    if (!(cause instanceof MessageSignatureError)) throw cause
    throw new SignerError('order_digest', 'no digest of the body', cause)
  }
  throw new SignerError('order_digest', 'the body is another')
}

const releasePath =
  /\/v1\/batches\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/release$/

const batchOf = ({ method, targetUri }: SignableRequest): string => {
  const [, batchId] = releasePath.exec(targetUri) ?? []
  if (method !== 'POST' || batchId === undefined) {
    throw new SignerError('order_not_a_release', 'not an order to release a batch')
  }
  return batchId
}

const readBody = (body: Uint8Array): { readonly root: Uint8Array; readonly rows: number } => {
  try {
    const { root, rows } = releaseBody.parse(parseJson(body, { depthMax: 2 }))
    return { root: decodeBase64Url(root), rows }
  } catch (cause) {
    const isExpected = cause instanceof CryptoError || cause instanceof z.ZodError
    if (!isExpected) throw cause
    throw new SignerError('order_malformed', 'the body names no root', cause)
  }
}
