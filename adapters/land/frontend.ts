import type { ConnectionOptions } from 'node:tls'
import { Kysely, PostgresDialect, sql, type Dialect, type Generated } from 'kysely'
import pg from 'pg'
import { failed, type Failed } from '../../src/halls/adapter.ts'

/** Query rows (查询申请): we insert, the land side takes them and says when it has answered. */
export type QueryTable = {
  sqid: string
  /** Who asks; the role of the front-end database sees its own rows only. */
  dwdm: string
  jkbm: string
  qlrmc: string | null
  zjzl: string | null
  zjh: string | null
  czybh: string | null
  ywbh: string | null
  sqsj: Generated<Date>
  /** 0 new · 1 taken · 2 answered · 3 read · 8 withdrawn. */
  zt: Generated<number>
}

/** Answer rows (查询结果), written by the land side; the same row may come twice. */
export type AnswerTable = {
  jgid: Generated<string>
  sqid: string
  dwdm: string
  xh: number
  zs: number
  jglx: number
  nr: string | null
}

export type Frontend = { cxsq: QueryTable; cxjg: AnswerTable }
export type AnswerRow = {
  readonly xh: number
  readonly zs: number
  readonly jglx: number
  readonly nr: string
}

export const rowStates = { fresh: 0, taken: 1, answered: 2, read: 3, withdrawn: 8 } as const

export type FrontendOptions = {
  readonly databaseUrl: string
  readonly connectionsMax: number
  readonly statementTimeoutMs: number
  readonly tls?: ConnectionOptions
}

/** The front-end database as PostgreSQL; another dialect of kysely is opened by whoever has one. */
export const postgresDialect = (options: FrontendOptions): { dialect: Dialect; pool: pg.Pool } => {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.connectionsMax,
    connectionTimeoutMillis: options.statementTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 1_000,
    idleTimeoutMillis: 30_000,
    application_name: 'zhengqiao-land',
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
  })
  // An idle connection that dies reports here; the next query meets the fault itself.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
  })
  return { dialect: new PostgresDialect({ pool }), pool }
}

export const openFrontend = (dialect: Dialect): Kysely<Frontend> => new Kysely({ dialect })

export type NewQuery = Omit<QueryTable, 'sqsj' | 'zt'>

export const insertQuery = async (db: Kysely<Frontend>, query: NewQuery): Promise<void> => {
  await db.insertInto('cxsq').values(query).execute()
}

export type QueryLook = {
  readonly zt: number
  readonly askedAt: Date
  /** Bytes of all answers, so that a monstrous one is never read. */
  readonly bytes: number
}

export const lookAtQuery = async (
  db: Kysely<Frontend>,
  sqid: string,
): Promise<QueryLook | undefined> => {
  const row = await db
    .selectFrom('cxsq')
    .select((e) => [
      'cxsq.zt',
      'cxsq.sqsj',
      e
        .selectFrom('cxjg')
        .whereRef('cxjg.sqid', '=', 'cxsq.sqid')
        .select(sql<string>`coalesce(sum(octet_length(nr)), 0)`.as('bytes'))
        .as('bytes'),
    ])
    .where('cxsq.sqid', '=', sqid)
    .executeTakeFirst()
  return row && { zt: row.zt, askedAt: row.sqsj, bytes: Number(row.bytes) }
}

export const readAnswers = async (db: Kysely<Frontend>, sqid: string): Promise<AnswerRow[]> => {
  const rows = await db
    .selectFrom('cxjg')
    .select(['xh', 'zs', 'jglx', 'nr'])
    .where('sqid', '=', sqid)
    .orderBy('jgid')
    .limit(1_000)
    .execute()
  return rows.map(({ xh, zs, jglx, nr }) => ({ xh, zs, jglx, nr: nr ?? '' }))
}

export const markQuery = async (
  db: Kysely<Frontend>,
  sqid: string,
  zt: number,
  onlyFrom?: number,
): Promise<void> => {
  await db
    .updateTable('cxsq')
    .set({ zt })
    .where('sqid', '=', sqid)
    .$if(onlyFrom !== undefined, (update) => update.where('zt', '=', onlyFrom ?? 0))
    .execute()
}

const codes: ReadonlyMap<string, Failed> = new Map([
  ['28000', failed('unauthorised', 'sql_28000')],
  ['28P01', failed('unauthorised', 'sql_28p01')],
  ['42501', failed('unauthorised', 'sql_42501')],
  ['53300', failed('busy', 'sql_53300')],
  ['57014', failed('timeout', 'statement_timeout')],
  ['57P03', failed('maintenance', 'sql_57p03')],
  ['42P01', failed('malformed', 'table_missing')],
  ['42703', failed('malformed', 'column_missing')],
])

/** A driver's error as a kind of failure; its message may quote rows and is not kept. */
export const failureOfError = (error: unknown): Failed => {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = codes.get(code)
  if (known !== undefined) return known
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|57)/.test(code))
    return failed('malformed', `sql_${code.toLowerCase()}`)
  return failed('unreachable', code === '' ? 'connection_failed' : code.toLowerCase())
}
