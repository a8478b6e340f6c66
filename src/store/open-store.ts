import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { startEmbedded } from './embedded-postgres.ts'
import { namingPool } from './run-named.ts'
import type { Database } from './schema.ts'
import { messageOf, StoreError } from './store-error.ts'
import { limitTransactions } from './transaction-gate.ts'

const connectionsMaxDefault = 16

/** A server by its URL, or the embedded one of a data folder. */
export type StoreSource = { readonly databaseUrl: string } | { readonly dataDir: string }

export type StoreOptions = {
  readonly connectionsMax?: number
  /** Told of connections that died while nobody waited for them; the pool replaces them by itself. */
  readonly onConnectionLost?: (error: Error) => void
}

export type Store = {
  readonly db: Kysely<Database>
  readonly pool: pg.Pool
  readonly url: string
  /** Ends the connections; stops the embedded server unless another process still uses it. */
  readonly close: () => Promise<void>
}

/** @throws StoreError when no suitable server can be reached, with a sentence for the operator. */
export const openStore = async (
  source: StoreSource,
  options: StoreOptions = {},
): Promise<Store> => {
  if ('databaseUrl' in source) return connect(source.databaseUrl, options)
  const onLost = (error: unknown) =>
    options.onConnectionLost?.(error instanceof Error ? error : new Error(messageOf(error)))
  const server = await startEmbedded({ dataDir: source.dataDir, onLost })
  try {
    const store = await connect(server.url, options)
    const close = () => store.close().finally(() => server.close())
    return { ...store, close }
  } catch (error) {
    await server.close()
    throw error
  }
}

const connect = async (url: string, options: StoreOptions): Promise<Store> => {
  const pool = openPool(url, options)
  try {
    await requireSuitable(pool)
  } catch (error) {
    await pool.end()
    throw error instanceof StoreError ? error : unreachable(error)
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: namingPool(pool) }) })
  limitTransactions(db, options.connectionsMax ?? connectionsMaxDefault)
  return { db, pool, url, close: () => pool.end() }
}

/** Without a listener on pool and clients, a connection that dies would end the process. */
const openPool = (url: string, options: StoreOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connectionsMax ?? connectionsMaxDefault,
    application_name: 'zhengqiao',
    idle_in_transaction_session_timeout: 300_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: columnTypes(),
  })
  const report = (error: Error) => options.onConnectionLost?.(error)
  pool.on('error', report)
  pool.on('connect', (client) => {
    client.on('error', report)
  })
  return pool
}

/** bigint and count(*) as numbers; our positions stay far below 2^53, anything beyond is refused. */
const columnTypes = () => {
  const types = new pg.TypeOverrides()
  types.setTypeParser(pg.types.builtins.INT8, (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw new RangeError(`bigint beyond 2^53: ${text}`)
    return value
  })
  return types
}

const requireSuitable = async (pool: pg.Pool): Promise<void> => {
  const { rows } = await pool.query<{ version: string; encoding: string }>(
    "select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding",
  )
  const [server] = rows
  if (server && Number(server.version) >= 150_000 && server.encoding === 'UTF8') return
  throw new StoreError(
    'database_unsuitable',
    '数据库须为 PostgreSQL 15 或更高版本,且数据库编码为 UTF8;请更换 DATABASE_URL 所指的数据库。',
    'The database must be PostgreSQL 15 or newer with encoding UTF8; point DATABASE_URL at such a one.',
  )
}

/** The URL holds a password, so neither sentence repeats it. */
export const unreachable = (error: unknown): StoreError =>
  new StoreError(
    'database_unreachable',
    `连接不上数据库(${messageOf(error)});请检查 DATABASE_URL、网络和数据库是否已启动。`,
    `The database cannot be reached (${messageOf(error)}); check DATABASE_URL, the network and that it runs.`,
    error,
  )
