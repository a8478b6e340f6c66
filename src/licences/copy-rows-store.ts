import { once } from 'node:events'
import type { PoolClient } from 'pg'
import { from } from 'pg-copy-streams'
import { type CopyValue, encodeCopy } from './copy-value.ts'

/** Adds rows with one COPY, inside whatever transaction the connection has open. */
export const copyRows = async (
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly CopyValue[])[],
): Promise<void> => {
  if (rows.length === 0) return
  const stream = client.query(
    from(`copy ${table} (${columns.join(', ')}) from stdin (format binary)`),
  )
  stream.end(encodeCopy(rows))
  await once(stream, 'finish')
}
