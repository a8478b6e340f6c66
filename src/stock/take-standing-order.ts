import type { CityDate } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import type { StockDb } from './batch-store.ts'
import { findUsableOrders, type StoredStandingOrder, takeOne } from './standing-order-store.ts'
import type { StockDeps } from './stock-deps.ts'

/**
 * A standing order that covers the type today, counted once. One of a steward who has been stopped, or
 * whose key has been revoked, covers nothing any more.
 * @throws GatewayError precondition_failed without one, rate_limited when the day's number is used up
 */
export const takeStandingOrder = async (
  { isStewardGood }: Pick<StockDeps, 'isStewardGood'>,
  tx: StockDb,
  {
    issuerCode,
    typeCode,
    day,
  }: { readonly issuerCode: string; readonly typeCode: string; readonly day: CityDate },
): Promise<StoredStandingOrder> => {
  const found = await findUsableOrders(tx, issuerCode, typeCode, day)
  const counts = await Promise.all(
    found.map(({ certificate }) => isStewardGood(certificateIdOf(certificate))),
  )
  const orders = found.filter((_order, place) => counts[place])
  if (orders.length === 0) {
    throw new GatewayError(
      'precondition_failed',
      '没有在有效期内的长期放行单,请入库员先签署,或改用批次入库',
    )
  }
  for (const order of orders) if (await takeOne(tx, order, day)) return order
  throw new GatewayError('rate_limited', '今天的颁发数量已达长期放行单的上限')
}
