import { z } from 'zod'
import type { CityDate } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import { readCertificateHead } from '../crypto/cms/certificate-head.ts'
import { digest } from '../crypto/digest.ts'
import { claimsOf, parseJws, verifyJws } from '../crypto/jws.ts'
import { digestNameOf } from '../crypto/signer.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'

/** `typ` of the JWS by which a steward allows single issues. */
export const standingOrderType = 'zhengqiao-standing-order'

/** No order lasts longer: people change their posts. */
export const standingOrderDaysMax = 90

const claims = z.strictObject({
  /** Unified social credit code of the department. */
  issuer: z.string().regex(/^[0-9A-Z]{18}$/),
  types: z
    .array(z.string().regex(/^[0-9A-Z]{21}$/))
    .min(1)
    .max(200),
  maxPerDay: z.int().min(1).max(1_000_000),
  /** Last day, Asia/Shanghai. */
  until: z.iso.date(),
})

/** What a steward allows the department's systems to issue one by one. */
export type StandingOrder = {
  /** base64url digest of the JWS, by the hash of its algorithm. */
  readonly orderId: string
  /** Name of the steward's certificate, see certificateIdOf. */
  readonly stewardId: string
  readonly issuerCode: string
  readonly typeCodes: readonly string[]
  readonly perDayMax: number
  readonly until: CityDate
}

/**
 * Verifies a standing order under the steward's certificate (DER) and reads it. Whether that steward may
 * give it, and whether it still runs, is judged by the caller.
 * @throws CryptoError, ZodError
 */
export const readStandingOrder = (
  jws: string,
  certificate: Uint8Array,
  signatures: VerifyContext,
): StandingOrder => {
  const parsed = parseJws(jws)
  const stewardId = certificateIdOf(certificate)
  const header = z
    .strictObject({
      alg: z.enum(['ES256', 'SM2-SM3']),
      typ: z.literal(standingOrderType),
      kid: z.literal(stewardId),
    })
    .parse(parsed.header)
  const { spki } = readCertificateHead(certificate)
  const { issuer, types, maxPerDay, until } = claims.parse(
    claimsOf(verifyJws(parsed, { spki, algs: [header.alg] }, signatures)),
  )
  return {
    orderId: encodeBase64Url(digest(digestNameOf(header.alg), Buffer.from(jws))),
    stewardId,
    issuerCode: issuer,
    typeCodes: types,
    perDayMax: maxPerDay,
    until,
  }
}
