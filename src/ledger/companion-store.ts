import { encodeBase64Url } from '../crypto/base64url.ts'
import { digest, type DigestName } from '../crypto/digest.ts'
import type { Companion, CompanionConflict } from './filing.ts'

/** Companions of one shape: they go into their table with one statement. */
type CompanionGroup = {
  readonly table: string
  readonly columns: readonly string[]
  readonly conflict: CompanionConflict
  readonly companions: readonly Companion[]
}

/** Runs a named statement, on the writer's connection or inside a write's own transaction. */
export type Query = (
  name: string,
  text: string,
  values: readonly unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>

/** Inserts all of them (their statements are named by this digest) and answers those of conflict `lost` whose row went in. */
export const insertAll = async (
  query: Query,
  companions: readonly Companion[],
  name: DigestName,
): Promise<ReadonlySet<Companion>> => {
  const inserted = new Set<Companion>()
  for (const group of groupCompanions(companions)) {
    for (const companion of await insertGroup(query, group, name)) inserted.add(companion)
  }
  return inserted
}

/** Inserts that travel within another statement: the names they have there, and a value for each. */
export type Attached = { readonly ctes: readonly string[]; readonly values: readonly string[] }

/**
 * The inserts as parts of another statement's `with`, so that they share its round trip and its fate; a row
 * that is there already is an error even where the companion could lose. Not for conflict `replace`.
 * @param first the number of the first parameter that is free
 */
export const attachInserts = async (
  query: Query,
  companions: readonly Companion[],
  first: number,
): Promise<Attached> => {
  const groups = groupCompanions(companions.map(losingNothing))
  const rows: string[] = []
  for (const group of groups)
    rows.push(jsonRows(inOrder(group, await primaryKeyOf(query, group.table))))
  return {
    ctes: groups.map((group, at) => {
      const name = `companions_${String(at)}`
      return `${name} as (${insertSql(group, [], `$${String(first + at)}`)})`
    }),
    values: rows,
  }
}

const losingNothing = (companion: Companion): Companion =>
  companion.conflict === 'lost' ? { ...companion, conflict: 'error' } : companion

const groupCompanions = (companions: readonly Companion[]): readonly CompanionGroup[] => {
  const groups = new Map<string, CompanionGroup & { companions: Companion[] }>()
  for (const companion of companions) {
    const { table, conflict = 'error' } = companion
    const columns = Object.keys(companion.row).sort()
    const key = [conflict, table, ...columns].join(' ')
    const group = groups.get(key) ?? { table, columns, conflict, companions: [] }
    group.companions.push(companion)
    groups.set(key, group)
  }
  // Always in one order: two writers must not wait for each other, nor each order need a plan of its own.
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

/** Every writer inserts in the same order, so that two of them cannot wait for each other. */
const inOrder = (group: CompanionGroup, key: readonly string[]): readonly Companion[] =>
  [...group.companions].sort((a, b) => (keyOf(a, key) < keyOf(b, key) ? -1 : 1))

/** Of a `lost` group the companions whose primary key somebody else has taken are missing. */
const insertGroup = async (
  query: Query,
  group: CompanionGroup,
  name: DigestName,
): Promise<ReadonlySet<Companion>> => {
  const key = await primaryKeyOf(query, group.table)
  const sorted = inOrder(group, key)
  const sql = insertSql(group, key)
  const { rows } = await query(statementName(sql, name), sql, [jsonRows(sorted)])
  const inserted = new Set(rows.map((row) => row['key']))
  return new Set(sorted.filter((companion) => inserted.delete(keyOf(companion, key))))
}

/** PostgreSQL tells names apart by their first 63 bytes only. */
export const statementName = (sql: string, name: DigestName): string =>
  `ledger-into-${encodeBase64Url(digest(name, sql))}`

/** The rows travel as one JSON text, so the statement has one shape for any number of them. */
const insertSql = (group: CompanionGroup, key: readonly string[], rows = '$1'): string => {
  const table = quoted(group.table)
  const columns = group.columns.map(quoted).join(', ')
  return `insert into ${table} (${columns})
    select ${columns} from json_populate_recordset(null::${table}, ${rows})
    ${onConflict(group, key)}
    ${group.conflict === 'lost' ? `returning ${keyText(key)} as key` : ''}`
}

const onConflict = (group: CompanionGroup, key: readonly string[]): string => {
  if (group.conflict === 'error') return ''
  if (group.conflict !== 'replace') return 'on conflict do nothing'
  const others = group.columns.filter((column) => !key.includes(column)).map(quoted)
  const changes = others.map((column) => `${column} = excluded.${column}`)
  return `on conflict (${key.map(quoted).join(', ')}) do update set ${changes.join(', ')}`
}

/** The key's values as one text, the same here and in PostgreSQL. */
const keyText = (key: readonly string[]): string =>
  key.map((column) => `${quoted(column)}::text`).join(` || E'\\n' || `)

const keyOf = (companion: Companion, key: readonly string[]): string =>
  key.map((column) => String(jsonValue(companion.row[column]))).join('\n')

/** Primary keys by table, for as long as a connection lives. */
const knownKeys = new WeakMap<Query, Map<string, readonly string[]>>()

const primaryKeyOf = async (query: Query, table: string): Promise<readonly string[]> => {
  const known = knownKeys.get(query) ?? new Map<string, readonly string[]>()
  knownKeys.set(query, known)
  const key = known.get(table) ?? (await readPrimaryKey(query, table))
  known.set(table, key)
  return key
}

const readPrimaryKey = async (query: Query, table: string): Promise<readonly string[]> => {
  const { rows } = await query(
    'ledger-primary-key',
    `select a.attname::text as name
     from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indrelid = $1::regclass and i.indisprimary
     order by a.attnum`,
    [quoted(table)],
  )
  return rows.map((row) => String(row['name']))
}

const jsonRows = (companions: readonly Companion[]): string =>
  JSON.stringify(companions.map(({ row }) => jsonRow(row)))

const jsonRow = (row: Companion['row']): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, jsonValue(value)]))

/** In the text form that the column's type reads. */
const jsonValue = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (typeof value === 'bigint') return value.toString()
  return value
}

/** Names come from our own rooms; the pattern keeps a mistake from becoming SQL. */
const quoted = (name: string): string => {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new RangeError(`no table or column name: ${name}`)
  return `"${name}"`
}
