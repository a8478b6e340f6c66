import type { CityDate } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { StockDb } from './batch-store.ts'
import { findUsableOrders, type StoredStandingOrder, takeOne } from './standing-order-store.ts'

/**
 * A standing order that covers the type today, counted once.
 * @throws GatewayError precondition_failed without one, rate_limited when the day's number is used up
 */
export const takeStandingOrder = async (
  tx: StockDb,
  issuerCode: string,
  typeCode: string,
  day: CityDate,
): Promise<StoredStandingOrder> => {
  const orders = await findUsableOrders(tx, issuerCode, typeCode, day)
  if (orders.length === 0) {
    throw new GatewayError(
      'precondition_failed',
      '没有在有效期内的长期放行单,请入库员先签署,或改用批次入库',
    )
  }
  for (const order of orders) if (await takeOne(tx, order, day)) return order
  throw new GatewayError('rate_limited', '今天的颁发数量已达长期放行单的上限')
}
