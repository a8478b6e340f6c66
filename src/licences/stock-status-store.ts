import type { Kysely } from 'kysely'
import type { LicenceId } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'

export type StockStatus = {
  readonly version: string
  readonly status: string
  readonly statusAsOf: Date
  readonly statusSource: string
}

/** What the stock says of one licence. */
export const findStockStatus = async (
  db: Kysely<Database>,
  licenceId: LicenceId,
): Promise<StockStatus | undefined> => {
  const row = await db
    .selectFrom('licence')
    .select(['version', 'status', 'status_as_of', 'status_source'])
    .where('licence_id', '=', licenceId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { status_as_of: statusAsOf, status_source: statusSource } = row
  return { version: row.version, status: row.status, statusAsOf, statusSource }
}
