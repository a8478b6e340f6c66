import { asId, type ReceiptNo } from '../contract/ids.ts'
import { digestNameOfOrigin } from '../crypto/checkpoint.ts'
import type { AppendedBatch } from './append-batch.ts'
import { type Attached, statementName } from './companion-store.ts'
import type { Nonce } from './filing.ts'
import type { LogConnection, LogNode } from './log-connection-store.ts'
import { lockOrphanedNodes } from './log-connection-store.ts'
import type { StoredEvent, SealedBlob } from './prepare-filing.ts'

/** One drain's transaction, statement by statement. */
export const begin = (log: LogConnection): Promise<unknown> => log.query('ledger-begin', 'begin')

export const rollback = (log: LogConnection): Promise<unknown> =>
  log.query('ledger-rollback', 'rollback')

/** The nonces that nobody has used before, as `nonceKey`s; of equal ones in the batch one counts. */
export const storeNonces = async (
  log: LogConnection,
  nonces: readonly Nonce[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await log.query<{ client_id: string; nonce: string }>(
    'ledger-nonces',
    `insert into ledger_nonce (client_id, nonce, kept_until)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[])
     on conflict do nothing
     returning client_id, nonce`,
    nonceColumns(nonces),
  )
  return new Set(rows.map((row) => nonceKey({ clientId: row.client_id, nonce: row.nonce })))
}

/** Every writer inserts in the same order, so that two of them cannot wait for each other. */
const nonceColumns = (nonces: readonly Nonce[]): readonly (readonly string[])[] => {
  const keyed = nonces.map((nonce) => ({ key: nonceKey(nonce), nonce }))
  const sorted = keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return [
    sorted.map(({ nonce }) => nonce.clientId),
    sorted.map(({ nonce }) => nonce.nonce),
    sorted.map(({ nonce }) => nonce.keptUntil.toISOString()),
  ]
}

export const nonceKey = ({ clientId, nonce }: Pick<Nonce, 'clientId' | 'nonce'>): string =>
  `${clientId}\n${nonce}`

/** Takes these entries out of the outbox; those that are not there any more are not answered. */
export const takeFromOutbox = async (
  log: LogConnection,
  numbers: readonly ReceiptNo[],
): Promise<readonly StoredEvent[]> => {
  const { rows } = await log.query<OutboxRow>(
    'ledger-take-outbox',
    `delete from ledger_outbox where receipt_no = any($1::text[]) returning ${outboxColumns}`,
    [numbers],
  )
  return rows.map(storedEventOf)
}

/** Takes up to 256 entries of our own node and of nodes whose process is gone, oldest first. */
export const takeOrphans = async (log: LogConnection): Promise<readonly StoredEvent[]> => {
  const { rows } = await log.query<OutboxRow>(
    'ledger-take-orphans',
    `with orphaned as materialized (${lockOrphanedNodes})
     delete from ledger_outbox where receipt_no in (
       select receipt_no from ledger_outbox join orphaned using (node_id)
       order by at, receipt_no limit 256
     ) returning ${outboxColumns}`,
  )
  return rows.map(storedEventOf).sort((a, b) => a.search.at.getTime() - b.search.at.getTime())
}

/** Which of these receipts have an event in any log. */
export const findLogged = async (
  log: LogConnection,
  numbers: readonly ReceiptNo[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await log.query<{ receipt_no: string }>(
    'ledger-find-logged',
    'select receipt_no from ledger_event where receipt_no = any($1::text[])',
    [numbers],
  )
  return new Set(rows.map((row) => row.receipt_no))
}

export type BatchToAppend = {
  readonly node: LogNode
  /** Nonces that must be new, so that the whole statement fails if one is not. */
  readonly nonces: readonly Nonce[]
  /** Rows of other tables, by attachInserts from `firstAttached` on. */
  readonly attached?: Attached
  readonly sizeBefore: number
  readonly rows: readonly StoredEvent[]
  readonly requests: readonly { readonly no: ReceiptNo; readonly sealed: SealedBlob }[]
  readonly appended: AppendedBatch
  readonly note: string
  readonly at: Date
}

/** The first parameter that `appendRows` leaves free. */
export const firstAttached = 31

/**
 * Nonces, events, licences, kept requests, companions, tile hashes, the tree's head and its checkpoint in
 * one statement, which outside a transaction is its own commit. It fails as a whole when the stored tree
 * is not the one that the batch continues.
 */
export const appendRows = (log: LogConnection, batch: BatchToAppend): Promise<unknown> => {
  const values = [
    batch.node.nodeId,
    batch.sizeBefore,
    batch.appended.frontier.size,
    batch.appended.frontier.hashes,
    batch.note,
    batch.at.toISOString(),
    ...eventColumns(batch.rows),
    ...licenceColumns(batch),
    batch.requests.map(({ no }) => no),
    batch.requests.map(({ sealed }) => sealed.blob),
    batch.requests.map(({ sealed }) => sealed.keyId),
    batch.appended.tileHashes.map(({ level }) => level),
    batch.appended.tileHashes.map(({ position }) => position),
    batch.appended.tileHashes.map(({ hash }) => hash),
    ...nonceColumns(batch.nonces),
  ]
  const { attached } = batch
  if (attached === undefined) return log.query('ledger-commit-rows', appendSql([]), values)
  const sql = appendSql(attached.ctes)
  const name = statementName(sql, digestNameOfOrigin(batch.node.origin))
  return log.query(name, sql, [...values, ...attached.values])
}

/** @throws when the server answered the commit with a rollback */
export const commit = async (log: LogConnection): Promise<void> => {
  const { command } = await log.query('ledger-commit', 'commit')
  if (command !== 'COMMIT') throw new Error('the ledger transaction was rolled back')
}

const outboxColumns = `receipt_no, at, entry, blob, key_id, action, decision, case_id, client_id,
  operator_id, item_code, subject_index, licence_ids`

type OutboxRow = {
  receipt_no: string
  at: Date
  entry: Buffer
  blob: Buffer
  key_id: string
  action: string
  decision: 'allowed' | 'denied' | 'partial'
  case_id: string | null
  client_id: string | null
  operator_id: string | null
  item_code: string | null
  subject_index: Buffer | null
  licence_ids: string[]
}

const storedEventOf = (row: OutboxRow): StoredEvent => ({
  no: asId<ReceiptNo>(row.receipt_no),
  entry: row.entry,
  sealed: { blob: row.blob, keyId: row.key_id },
  search: {
    at: row.at,
    action: row.action,
    decision: row.decision,
    caseId: row.case_id ?? undefined,
    clientId: row.client_id ?? undefined,
    operatorId: row.operator_id ?? undefined,
    itemCode: row.item_code ?? undefined,
    subjectIndex: row.subject_index ?? undefined,
    licenceIds: row.licence_ids,
  },
})

const eventColumns = (rows: readonly StoredEvent[]): readonly unknown[] => [
  rows.map(({ search }) => search.at.toISOString()),
  rows.map(({ search }) => search.caseId),
  rows.map(({ no }) => no),
  rows.map(({ entry }) => entry),
  rows.map(({ sealed }) => sealed.blob),
  rows.map(({ sealed }) => sealed.keyId),
  rows.map(({ search }) => search.action),
  rows.map(({ search }) => search.decision),
  rows.map(({ search }) => search.clientId),
  rows.map(({ search }) => search.operatorId),
  rows.map(({ search }) => search.itemCode),
  rows.map(({ search }) => search.subjectIndex),
]

const licenceColumns = ({ rows, sizeBefore }: BatchToAppend): readonly unknown[] => {
  const licences = rows.flatMap(({ search }, at) =>
    search.licenceIds.map((licenceId) => ({ licenceId, at: search.at, position: sizeBefore + at })),
  )
  return [
    licences.map(({ licenceId }) => licenceId),
    licences.map(({ at }) => at.toISOString()),
    licences.map(({ position }) => position),
  ]
}

// `moved` is empty when another writer moved the tree; node_id is then null, which the table refuses.
const appendSql = (more: readonly string[]): string => `
with moved as (
  update ledger_node set size = $3, frontier = $4::bytea[]
  where node_id = $1 and size = $2 returning node_id
), events as (
  insert into ledger_event (position, at, case_id, node_id, receipt_no, entry, blob, key_id, action,
    decision, client_id, operator_id, item_code, subject_index)
  select $2::bigint + e.n - 1, e.at, e.case_id, $1, e.receipt_no, e.entry, e.blob, e.key_id, e.action,
    e.decision, e.client_id, e.operator_id, e.item_code, e.subject_index
  from unnest($7::timestamptz[], $8::uuid[], $9::text[], $10::bytea[], $11::bytea[], $12::text[],
    $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bytea[])
    with ordinality as e(at, case_id, receipt_no, entry, blob, key_id, action, decision, client_id,
      operator_id, item_code, subject_index, n)
), licences as (
  insert into ledger_event_licence (licence_id, at, position, node_id)
  select l.licence_id, l.at, l.position, $1
  from unnest($19::uuid[], $20::timestamptz[], $21::bigint[]) as l(licence_id, at, position)
), requests as (
  insert into ledger_request (receipt_no, blob, key_id)
  select * from unnest($22::text[], $23::bytea[], $24::text[])
), tiles as (
  insert into ledger_subtree (node_id, level, position, hash)
  select $1, t.level, t.position, t.hash
  from unnest($25::smallint[], $26::bigint[], $27::bytea[]) as t(level, position, hash)
), nonces as (
  insert into ledger_nonce (client_id, nonce, kept_until)
  select * from unnest($28::text[], $29::text[], $30::timestamptz[])
)${more.map((cte) => `, ${cte}`).join('')}
insert into ledger_checkpoint (node_id, size, note, created_at)
values ((select node_id from moved), $3, $5, $6)`
