import type { Store } from '../../store/open-store.ts'
import { parentOf, withChildren } from './process-cpu.ts'

/** Process ids of the database's server and everything that it runs; none when it is elsewhere. */
export const databasePids = async ({ pool }: Pick<Store, 'pool'>): Promise<readonly number[]> => {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const server = await parentOf(rows[0]?.pid ?? 0)
  return server === undefined ? [] : withChildren(server)
}

export type TableBytes = { readonly table: string; readonly bytes: number; readonly rows: number }

/** Bytes of each table with its partitions, indexes and TOAST, and its rows. */
export const tableBytes = async (
  { pool }: Pick<Store, 'pool'>,
  tables: readonly string[],
): Promise<readonly TableBytes[]> => {
  const found: TableBytes[] = []
  for (const table of tables) {
    const { rows } = await pool.query<{ bytes: number; rows: number }>(
      `select coalesce(
           (select sum(pg_total_relation_size(relid))::bigint from pg_partition_tree($1::regclass)),
           pg_total_relation_size($1::regclass)) as bytes,
         (select count(*) from ${table}) as rows`,
      [table],
    )
    found.push({ table, bytes: rows[0]?.bytes ?? 0, rows: rows[0]?.rows ?? 0 })
  }
  return found
}

/** What the database itself says it is. */
export const describeDatabase = async ({
  pool,
}: Pick<Store, 'pool'>): Promise<Readonly<Record<string, string>>> => {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
     where name in ('server_version', 'fsync', 'synchronous_commit', 'shared_buffers') order by name`,
  )
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
}
