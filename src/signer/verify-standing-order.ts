import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { cityDateOf } from '../contract/clock.ts'
import { decodeBase64Url } from '../crypto/base64url.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import { readStandingOrder, type StandingOrder } from '../stock/standing-order.ts'
import { SignerError } from './signer-error.ts'
import type { SignerFolder } from './signer-folder.ts'

const standingLine = z.strictObject({
  standingOrder: z.strictObject({
    jws: z.string().max(20_000),
    certificate: z.string().max(20_000),
  }),
})

/**
 * Verifies the first line of a request for single issues: a standing order that one of the department's
 * own stewards signed, for this department, and that still runs.
 * @throws SignerError
 */
export const verifyStandingOrder = (
  line: Uint8Array,
  { stewards, issuer, signatures }: Pick<SignerFolder, 'stewards' | 'issuer' | 'signatures'>,
  now: Date,
): StandingOrder => {
  const { order, certificate } = read(line, signatures)
  if (!stewards.some((der) => Buffer.compare(der, certificate) === 0)) {
    throw new SignerError('steward_unknown', 'not one of this department’s stewards')
  }
  const { validFrom, validTo } = new X509Certificate(certificate)
  if (now.getTime() < Date.parse(validFrom) || now.getTime() > Date.parse(validTo)) {
    throw new SignerError('steward_certificate', 'the steward’s certificate has ended')
  }
  if (!issuer.endsWith(`/issuers/${order.issuerCode}`)) {
    throw new SignerError('row_issuer', 'an order for another department')
  }
  if (order.until < cityDateOf(now)) throw new SignerError('order_too_old', 'the order has ended')
  return order
}

const read = (
  line: Uint8Array,
  signatures: VerifyContext,
): { readonly order: StandingOrder; readonly certificate: Uint8Array } => {
  try {
    const { standingOrder } = standingLine.parse(parseJson(line, { depthMax: 3 }))
    const certificate = decodeBase64Url(standingOrder.certificate)
    return { order: readStandingOrder(standingOrder.jws, certificate, signatures), certificate }
  } catch (cause) {
    throw new SignerError('order_signature', 'not a standing order of this steward', cause)
  }
}
