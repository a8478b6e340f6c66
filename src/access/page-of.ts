import type { Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { readCursor, writeCursor } from '../ledger/cursor.ts'

/** The id after which a page begins; the empty text comes before all ids. @throws GatewayError bad_cursor */
export const pageStart = (cursor: string | undefined): string => {
  const [after = '', ...rest] = cursor === undefined ? [] : readCursor(cursor)
  if (typeof after !== 'string' || rest.length > 0) throw new GatewayError('bad_cursor')
  return after
}

/** One page out of `limit + 1` rows: what is shown, and where the next one begins if there is one. */
export const pageOf = <Row>(
  rows: readonly Row[],
  limit: number,
  {
    name,
    show,
    idOf,
  }: {
    readonly name: string
    readonly show: (row: Row) => Json
    readonly idOf: (row: Row) => string
  },
): Json => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const isLast = rows.length <= limit || last === undefined
  return { [name]: shown.map(show), ...(isLast ? {} : { nextCursor: writeCursor([idOf(last)]) }) }
}
