import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { cityDateOf, cityTimeOf, type Clock } from '../contract/clock.ts'
import type { Answer, SignedRequest } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import type { StockDb } from './batch-store.ts'
import { actsFor, type FindDepartment } from './get-own-batch.ts'
import { readStandingOrder, standingOrderDaysMax, type StandingOrder } from './standing-order.ts'
import {
  findStandingOrder,
  insertStandingOrder,
  revokeStandingOrder,
  type StoredStandingOrder,
} from './standing-order-store.ts'

export const standingOrderBody = z.strictObject({ jws: z.string().min(1).max(20_000) })

export const standingOrderData = z.object({
  orderId: z.string(),
  issuerCode: z.string(),
  typeCodes: z.array(z.string()),
  perDayMax: z.int(),
  until: z.string(),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
})

export type StandingOrderDeps = {
  readonly findDepartment: FindDepartment
  readonly clock: Clock
  readonly signatures: VerifyContext
}

/**
 * Keeps a steward's standing order for single issues. It is posted under the very key that signed it.
 * @throws GatewayError validation_failed, scope_missing
 */
export const registerStandingOrder = async (
  deps: StandingOrderDeps,
  tx: StockDb,
  caller: Caller,
  { jws, signed }: { readonly jws: string; readonly signed: SignedRequest },
): Promise<Answer> => {
  const order = read(jws, signed.certificateDer, deps.signatures)
  const department = await deps.findDepartment(order.issuerCode)
  if (caller.kind !== 'person' || department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '长期放行单须由本部门入库员本人签署')
  }
  const now = deps.clock.now()
  requireShort(order, now)
  await insertStandingOrder(tx, { ...order, jws, certificate: signed.certificateDer }, now)
  return answer(tx, order.orderId, 201, 'standing_order.add')
}

/** Ends an order at once. @throws GatewayError precondition_failed for an order of nobody of the department */
export const endStandingOrder = async (
  deps: StandingOrderDeps,
  tx: StockDb,
  caller: Caller,
  orderId: string,
): Promise<Answer> => {
  const order = await findStandingOrder(tx, orderId)
  const department = order && (await deps.findDepartment(order.issuerCode))
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('precondition_failed', '没有这份长期放行单')
  }
  await revokeStandingOrder(tx, orderId, deps.clock.now())
  return answer(tx, orderId, 200, 'standing_order.revoke')
}

const read = (jws: string, certificate: Uint8Array, signatures: VerifyContext): StandingOrder => {
  try {
    return readStandingOrder(jws, certificate, signatures)
  } catch (cause) {
    if (!(cause instanceof CryptoError) && !(cause instanceof z.ZodError)) throw cause
    throw new GatewayError('validation_failed', '长期放行单不正确,或不是用本人的证书签署的', {
      cause,
      errors: [{ pointer: '/jws', code: 'standing_order', detail: '请用本次请求的同一证书签署' }],
    })
  }
}

const requireShort = ({ until }: StandingOrder, now: Date): void => {
  const last = cityDateOf(new Date(now.getTime() + standingOrderDaysMax * 86_400_000))
  if (until >= cityDateOf(now) && until <= last) return
  throw new GatewayError('validation_failed', '长期放行单最长 90 天', {
    errors: [{ pointer: '/jws', code: 'until', detail: `截止日应不晚于 ${last}` }],
  })
}

const answer = async (
  tx: StockDb,
  orderId: string,
  status: 200 | 201,
  action: string,
): Promise<Answer> => {
  const order = await findStandingOrder(tx, orderId)
  if (order === undefined) throw new RangeError('a standing order is gone')
  const data = standingOrderView(order)
  return { status, data, deed: { action, decision: 'allowed', detail: data } }
}

const standingOrderView = (order: StoredStandingOrder) => ({
  orderId: order.orderId,
  issuerCode: order.issuerCode,
  typeCodes: [...order.typeCodes],
  perDayMax: order.perDayMax,
  until: order.until,
  createdAt: cityTimeOf(order.createdAt),
  revokedAt: order.revokedAt === null ? null : cityTimeOf(order.revokedAt),
})
