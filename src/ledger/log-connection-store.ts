import pg from 'pg'
import { originOf } from '../crypto/checkpoint.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { Frontier } from '../crypto/merkle.ts'
import { shareDataKeySql } from '../store/data-key-lock-store.ts'

export type LogNode = { readonly nodeId: number; readonly origin: string }

export type LogHead = {
  readonly frontier: Frontier
  /** The newest checkpoint, which after a crash may be older than the tree. */
  readonly checkpoint: { readonly size: number; readonly note: string } | undefined
}

/**
 * The writer's own connection. It holds the node's advisory lock for as long as it lives, so that
 * whatever it writes is written by the only writer of that log; when it dies the lock dies with it.
 */
export type LogConnection = {
  /** Sends at once, without waiting for the answers of earlier queries. */
  readonly query: <Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values?: readonly unknown[],
  ) => Promise<pg.QueryResult<Row>>
  readonly isAlive: () => boolean
  readonly end: () => Promise<void>
}

/** Nobody waits longer than this for a row of another transaction, nor for a statement. */
const lockTimeoutMs = 2_000
const statementTimeoutMs = 10_000

/** First half of the lock's key; the second is the node. */
const lockClass = 0x7a71

type TakeNodeOptions = {
  /** Hash of the log's tree. */
  readonly digestName?: DigestName | undefined
  /** How many gateways share one database at most. */
  readonly nodesMax?: number
}

export const openLogConnection = async (url: string): Promise<LogConnection> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'zhengqiao-ledger',
    pipeline: true,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
    keepAlive: true,
  })
  let alive = true
  const die = () => {
    alive = false
  }
  // A connection that dies between two queries says so here only; the next query finds it dead.
  client.on('error', die)
  client.on('end', die)
  await client.connect()
  return {
    query: (name, text, values = []) => client.query({ name, text, values: [...values] }),
    isAlive: () => alive,
    end: () => client.end(),
  }
}

/**
 * Locks the first free node of this gateway, `<gateway>/node-1` upwards, and makes its row when it is
 * new. Answers it with its origin.
 */
export const takeNode = async (
  log: LogConnection,
  gateway: string,
  { digestName = 'sha-256', nodesMax = 64 }: TakeNodeOptions = {},
): Promise<LogNode> => {
  for (let number = 1; number <= nodesMax; number++) {
    const node = await ensureNode(log, originOf(`${gateway}/node-${String(number)}`, digestName))
    const { rows } = await log.query<{ locked: boolean }>(
      'ledger-try-lock',
      'select pg_try_advisory_lock($1, $2) as locked',
      [lockClass, node.nodeId],
    )
    if (rows[0]?.locked === true) return node
  }
  throw new Error(`all ${String(nodesMax)} ledger nodes of ${gateway} are taken`)
}

/** Waits for the lock of a node that this process held before; false when another process has it. */
export const retakeNode = async (log: LogConnection, node: LogNode): Promise<boolean> => {
  try {
    await log.query('ledger-lock', 'select pg_advisory_lock($1, $2)', [lockClass, node.nodeId])
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '55P03') return false
    throw error
  }
}

/** Holds, with the node, the data key under which this process writes. False: its rows are being moved. */
export const shareDataKey = async (log: LogConnection, keyId: string): Promise<boolean> => {
  const { rows } = await log.query<{ locked: boolean }>('ledger-data-key', shareDataKeySql, [keyId])
  return rows[0]?.locked === true
}

export const readHead = async (log: LogConnection, node: LogNode): Promise<LogHead> => {
  const { rows } = await log.query<HeadRow>(
    'ledger-head',
    `select n.size, n.frontier, c.size as checkpoint_size, c.note
     from ledger_node n
     left join lateral (
       select size, note from ledger_checkpoint where node_id = n.node_id order by size desc limit 1
     ) c on true
     where n.node_id = $1`,
    [node.nodeId],
  )
  const [row] = rows
  if (!row) throw new Error(`ledger node ${node.origin} has no row`)
  return {
    frontier: { size: Number(row.size), hashes: row.frontier },
    checkpoint:
      row.note === null ? undefined : { size: Number(row.checkpoint_size), note: row.note },
  }
}

/** Stores the checkpoint of the tree as it stands, in place of one of the same size. */
export const storeCheckpoint = async (
  log: LogConnection,
  node: LogNode,
  checkpoint: { readonly size: number; readonly note: string; readonly at: Date },
): Promise<void> => {
  await log.query(
    'ledger-checkpoint',
    `insert into ledger_checkpoint (node_id, size, note, created_at) values ($1, $2, $3, $4)
     on conflict (node_id, size) do update set note = excluded.note, created_at = excluded.created_at`,
    [node.nodeId, checkpoint.size, checkpoint.note, checkpoint.at.toISOString()],
  )
}

/** Locks, for the running transaction, every node whose process is gone, and names it. */
export const lockOrphanedNodes = `
  select node_id from (select distinct node_id from ledger_outbox) as pending
  where pg_try_advisory_xact_lock(${String(lockClass)}, node_id)`

/** True when the fault lies in one filing's own values, so that the others of its batch can go on. */
export const isFaultOfOneFiling = (error: unknown): boolean =>
  error instanceof pg.DatabaseError &&
  error.severity === 'ERROR' &&
  /^(22|23|42|40P01$|55P03$)/.test(error.code ?? '')

/** True when the server answered and rolled back, so that the log stands as before. */
export const isRefusedByServer = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR'

type HeadRow = {
  size: string
  frontier: Buffer[]
  checkpoint_size: string | null
  note: string | null
}

const ensureNode = async (log: LogConnection, origin: string): Promise<LogNode> => {
  await log.query(
    'ledger-new-node',
    `insert into ledger_node (origin, size, frontier) values ($1, 0, '{}')
     on conflict (origin) do nothing`,
    [origin],
  )
  const { rows } = await log.query<{ node_id: number }>(
    'ledger-node',
    'select node_id from ledger_node where origin = $1',
    [origin],
  )
  const [row] = rows
  if (!row) throw new Error(`ledger node ${origin} has no row`)
  return { nodeId: row.node_id, origin }
}
