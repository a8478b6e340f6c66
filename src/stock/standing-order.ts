import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { CityDate } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { digest } from '../crypto/digest.ts'
import { claimsOf, parseJws, verifyJws } from '../crypto/jws.ts'

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
  /** base64url SHA-256 of the JWS. */
  readonly orderId: string
  /** base64url SHA-256 of the steward's certificate. */
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
export const readStandingOrder = (jws: string, certificate: Uint8Array): StandingOrder => {
  const parsed = parseJws(jws)
  const stewardId = encodeBase64Url(digest('sha-256', certificate))
  z.strictObject({
    alg: z.enum(['ES256', 'SM2-SM3']),
    typ: z.literal(standingOrderType),
    kid: z.literal(stewardId),
  }).parse(parsed.header)
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  const { issuer, types, maxPerDay, until } = claims.parse(
    claimsOf(verifyJws(parsed, { spki, algs: ['ES256', 'SM2-SM3'] })),
  )
  return {
    orderId: encodeBase64Url(digest('sha-256', Buffer.from(jws))),
    stewardId,
    issuerCode: issuer,
    typeCodes: types,
    perDayMax: maxPerDay,
    until,
  }
}
