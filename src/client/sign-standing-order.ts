import { encodeBase64Url } from '../crypto/base64url.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import type { Signer } from '../crypto/signer.ts'
import { standingOrderType } from '../stock/standing-order.ts'

export type StandingOrderTerms = {
  /** Unified social credit code of the department. */
  readonly issuer: string
  /** Licence type codes. */
  readonly types: readonly string[]
  readonly maxPerDay: number
  /** Last day `YYYY-MM-DD`, at most 90 days ahead. */
  readonly until: string
}

/** A steward's standing order: the compact JWS to post to the gateway. */
export const signStandingOrder = async (
  steward: Signer,
  { issuer, types, maxPerDay, until }: StandingOrderTerms,
): Promise<string> => {
  const [leaf] = steward.chain
  if (leaf === undefined) throw new RangeError('a steward has a certificate')
  const kid = certificateIdOf(leaf)
  const signingInput = [
    { alg: steward.alg, typ: standingOrderType, kid },
    { issuer, types, maxPerDay, until },
  ]
    .map((part) => encodeBase64Url(Buffer.from(JSON.stringify(part))))
    .join('.')
  const signature = await steward.sign(Buffer.from(signingInput, 'ascii'))
  return `${signingInput}.${encodeBase64Url(signature)}`
}
