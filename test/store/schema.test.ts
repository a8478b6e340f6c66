import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { testStore } from '../support/database.ts'

const store = await testStore()

const rowsOf = async (text: string): Promise<Record<string, unknown>[]> => {
  const { rows } = await store.pool.query<Record<string, unknown>>(text)
  return rows
}

it('hash-partitions by the first column of the primary key, which every unique key contains', async () => {
  const tables = await rowsOf(`
    select c.relname as name, p.partstrat as strategy, p.partnatts::int as keys,
      p.partattrs[0]::int as partition_column,
      (select i.indkey[0]::int from pg_index i where i.indrelid = c.oid and i.indisprimary) as first_of_key,
      (select bool_and(p.partattrs[0] = any (i.indkey::int2[])) from pg_index i
        where i.indrelid = c.oid and i.indisunique) as in_every_unique_key,
      (select count(*)::int from pg_inherits where inhparent = c.oid) as partitions
    from pg_partitioned_table p join pg_class c on c.oid = p.partrelid order by c.relname`)
  expect(tables.map((table) => table['name'])).toEqual(
    expect.arrayContaining(['licence', 'licence_holder', 'licence_identifier', 'licence_number']),
  )
  for (const table of tables) {
    expect(table).toMatchObject({ strategy: 'h', keys: 1, in_every_unique_key: true })
    expect(table['partition_column']).toBe(table['first_of_key'])
    expect(table['partitions']).toBeGreaterThan(0)
  }
})

it('gives every table a primary key', async () => {
  const without = await rowsOf(`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p')
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`)
  expect(without).toEqual([])
})

/** The row types erase at run time, so they are read as text: table → column → may be null. */
const typedTables = async (): Promise<Record<string, Record<string, boolean>>> => {
  const source = async (name: string) =>
    readFile(join(import.meta.dirname, '../../src/store', name), 'utf8')
  const text = (
    await Promise.all(
      ['schema.ts', 'schema-exchange.ts', '../halls/hall-tables-store.ts'].map(source),
    )
  ).join('\n')
  const tables: Record<string, Record<string, boolean>> = {}
  for (const [, table = '', type = ''] of text.matchAll(/^ {2}(\w+): (\w+Table)$/gm)) {
    const body = new RegExp(`type ${type} = \\{([^}]*)\\}`).exec(text)?.[1] ?? ''
    const columns = [...body.matchAll(/(\w+): ([^;\n]+)/g)]
    tables[table] = Object.fromEntries(
      columns.map(([, column = '', of = '']) => [column, /null|OrNull/.test(of)]),
    )
  }
  return tables
}

it('has the tables and columns that the row types say', async () => {
  const columns = await rowsOf(`
    select table_name, column_name, is_nullable = 'YES' as nullable
    from information_schema.columns join pg_class c on c.relname = table_name
    where table_schema = 'public' and not c.relispartition and table_name <> 'schema_migration'`)
  const stored: Record<string, Record<string, unknown>> = {}
  for (const column of columns) {
    const table = (stored[String(column['table_name'])] ??= {})
    table[String(column['column_name'])] = column['nullable']
  }
  expect(await typedTables()).toEqual(stored)
})
