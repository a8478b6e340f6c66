import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { CityDate } from '../contract/clock.ts'
import type { Database } from '../store/schema.ts'
import type { StockDb } from './batch-store.ts'
import type { StandingOrder } from './standing-order.ts'

/** An order with what a department's signer has to see of it. */
export type StoredStandingOrder = Pick<
  StandingOrder,
  'orderId' | 'issuerCode' | 'typeCodes' | 'perDayMax' | 'until'
> & {
  readonly jws: string
  readonly certificate: Uint8Array
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

/** Keeps an order; the same one again changes nothing, not even its revocation. */
export const insertStandingOrder = async (
  tx: StockDb,
  order: Omit<StoredStandingOrder, 'createdAt' | 'revokedAt'>,
  now: Date,
): Promise<void> => {
  await tx
    .insertInto('standing_order')
    .values({
      order_id: order.orderId,
      issuer_code: order.issuerCode,
      jws: order.jws,
      certificate: Buffer.from(order.certificate),
      type_codes: order.typeCodes,
      per_day_max: order.perDayMax,
      until_day: order.until,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export const findStandingOrder = async (
  db: StockDb,
  orderId: string,
): Promise<StoredStandingOrder | undefined> => {
  const row = await db
    .selectFrom('standing_order')
    .selectAll()
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  return row === undefined ? undefined : toOrder(row)
}

/** Orders that run on a day and cover a type, the one that runs longest first. */
export const findUsableOrders = async (
  db: StockDb,
  issuerCode: string,
  typeCode: string,
  day: CityDate,
): Promise<readonly StoredStandingOrder[]> => {
  const rows = await db
    .selectFrom('standing_order')
    .selectAll()
    .where('issuer_code', '=', issuerCode)
    .where('revoked_at', 'is', null)
    .where('until_day', '>=', day)
    .where(sql<boolean>`${typeCode} = any(type_codes)`)
    .orderBy('until_day', 'desc')
    .orderBy('order_id')
    .limit(100)
    .execute()
  return rows.map(toOrder)
}

/** Counts one more issue on a day. @returns false when the day's number is used up */
export const takeOne = async (
  tx: StockDb,
  { orderId, perDayMax }: Pick<StoredStandingOrder, 'orderId' | 'perDayMax'>,
  day: CityDate,
): Promise<boolean> => {
  const { rows } = await sql`
    insert into standing_order_use as u (order_id, day, used) values (${orderId}, ${day}, 1)
    on conflict (order_id, day) do update set used = u.used + 1 where u.used < ${perDayMax}
    returning used`.execute(tx)
  return rows.length === 1
}

export const revokeStandingOrder = async (
  tx: StockDb,
  orderId: string,
  now: Date,
): Promise<void> => {
  await tx
    .updateTable('standing_order')
    .set({ revoked_at: now })
    .where('order_id', '=', orderId)
    .where('revoked_at', 'is', null)
    .execute()
}

const toOrder = (row: Selectable<Database['standing_order']>): StoredStandingOrder => ({
  orderId: row.order_id,
  issuerCode: row.issuer_code,
  typeCodes: row.type_codes,
  perDayMax: row.per_day_max,
  until: row.until_day,
  jws: row.jws,
  certificate: row.certificate,
  createdAt: row.created_at,
  revokedAt: row.revoked_at,
})
