import type { DataKeys } from './data-keys.ts'
import type { Tx } from './in-transaction.ts'
import { runNamed } from './run-named.ts'
import type { SealedColumn, SealedRow } from './sealed-column.ts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** Values of the primary key, after which the next page begins. */
export type Cursor = readonly (string | number)[]
export type MovedPage = { readonly moved: number; readonly next: Cursor | undefined }

export type Resealing = {
  readonly keys: Pick<DataKeys, 'current' | 'seal' | 'open' | 'index'>
  /** The key that rows are taken away from. */
  readonly fromKeyId: string
  readonly rowsMax: number
}

/** Moves the next rows of a column under the current key, in the order of their primary key. */
export const resealRows = async (
  tx: Tx,
  column: SealedColumn,
  resealing: Resealing,
  after: Cursor | undefined,
): Promise<MovedPage> => {
  const rows = await readPage(tx, column, resealing, after)
  const last = rows.at(-1)
  if (last === undefined) return { moved: 0, next: undefined }
  await writePage(tx, column, resealing, rows)
  return { moved: rows.length, next: column.key.map(({ name }) => valueOf(last, name)) }
}

type Row = Readonly<Record<string, unknown>>

const readPage = (
  tx: Tx,
  column: SealedColumn,
  { fromKeyId, rowsMax }: Resealing,
  after: Cursor | undefined,
): Promise<readonly Row[]> => {
  const { table, key, blob, keyId, also = [] } = column
  const names = key.map(({ name }) => name).join(', ')
  const places = key.map(({ type }, at) => `$${String(at + 3)}::${type}`).join(', ')
  const next = after === undefined ? '' : `and (${names}) > (${places})`
  const wanted = [...key.map(({ name }) => name), ...also, blob].join(', ')
  const text = `select ${wanted} from ${table} where ${keyId} = $1 ${next} order by ${names} limit $2 for update`
  const name = `reseal-read-${table}-${blob}${after === undefined ? '' : '-next'}`
  return runNamed(tx, name, text, [fromKeyId, rowsMax, ...(after ?? [])])
}

const writePage = async (
  tx: Tx,
  column: SealedColumn,
  { keys, fromKeyId }: Resealing,
  rows: readonly Row[],
): Promise<void> => {
  const { table, key, blob, keyId, index, set } = column
  const moved = rows.map((row) => {
    const context = column.context(placeOf(row, column))
    const plaintext = keys.open(bytesOf(row, blob), fromKeyId, context)
    return { row, sealed: keys.seal(plaintext, context).blob, index: index?.of(plaintext, keys) }
  })
  const at = (place: number): string => `$${String(place)}`
  const arrays = [
    ...key.map(({ name, type }, place) => `${at(place + 4)}::${type}[] as ${name}_list`),
    `${at(2)}::bytea[] as blobs`,
    `${at(3)}::bytea[] as indices`,
  ]
  const text = `
    update ${table} t set ${blob} = v.blob, ${keyId} = $1
      ${index === undefined ? '' : `, ${index.column} = v.index`} ${set === undefined ? '' : `, ${set}`}
    from (select ${arrays.join(', ')}) as given,
      unnest(given.blobs, given.indices, ${key.map(({ name }) => `given.${name}_list`).join(', ')})
        as v (blob, index, ${key.map(({ name }) => name).join(', ')})
    where ${key.map(({ name }) => `t.${name} = v.${name}`).join(' and ')}`
  await runNamed(tx, `reseal-write-${table}-${blob}`, text, [
    keys.current.keyId,
    moved.map(({ sealed }) => sealed),
    moved.map((each) => each.index ?? null),
    ...key.map(({ name }) => moved.map(({ row }) => valueOf(row, name))),
  ])
}

/** How many rows stand under each key; one pass over the table. */
export const countByKey = async (
  db: Kysely<Database>,
  { table, keyId }: Pick<SealedColumn, 'table' | 'keyId'>,
): Promise<ReadonlyMap<string, number>> => {
  const text = `select ${keyId} as key_id, count(*)::bigint as rows from ${table} where ${keyId} is not null group by 1`
  const rows = await runNamed(db, `count-by-key-${table}-${keyId}`, text, [])
  return new Map(rows.map((row) => [String(row['key_id']), Number(row['rows'])]))
}

const placeOf = (row: Row, { key, also = [] }: SealedColumn): SealedRow =>
  Object.fromEntries(
    [...key.map(({ name }) => name), ...also].map((name) => [name, valueOf(row, name)]),
  )

const valueOf = (row: Row, name: string): string | number => {
  const value = row[name]
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new TypeError(`column ${name} is neither text nor number`)
}

const bytesOf = (row: Row, name: string): Buffer => {
  const value = row[name]
  if (Buffer.isBuffer(value)) return value
  throw new TypeError(`column ${name} is no bytes`)
}
