import { sql, type Kysely } from 'kysely'
import { asId, type ReceiptNo } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'
import type { SealedBlob } from './prepare-filing.ts'

export type LedgerDb = Kysely<Database>

/** Where an event stands, and what is needed to open it. */
export type LocatedEvent = {
  readonly no: ReceiptNo
  readonly nodeId: number
  readonly origin: string
  readonly position: number
  readonly sealed: SealedBlob
  readonly at: Date
  readonly action: string
  readonly decision: string
  readonly clientId: string | undefined
  readonly caseId: string | undefined
}

export type EventFilter = {
  readonly licenceId?: string
  readonly caseId?: string
  readonly clientId?: string
  readonly operatorId?: string
  readonly decision?: string
  /** Half-open: from ≤ at < to. */
  readonly from?: Date
  readonly to?: Date
}

/** A place in the order of search results: newest first, then node, then position. */
export type EventPlace = { readonly at: Date; readonly nodeId: number; readonly position: number }

const eventColumns = [
  'e.receipt_no',
  'e.node_id',
  'n.origin',
  'e.position',
  'e.blob',
  'e.key_id',
  'e.at',
  'e.action',
  'e.decision',
  'e.client_id',
  'e.case_id',
] as const

export const findEvent = async (db: LedgerDb, no: ReceiptNo): Promise<LocatedEvent | undefined> => {
  const row = await db
    .selectFrom('ledger_event as e')
    .innerJoin('ledger_node as n', 'n.node_id', 'e.node_id')
    .select(eventColumns)
    .where('e.receipt_no', '=', no)
    .executeTakeFirst()
  return row && locatedEventOf(row)
}

/** Events that fit every member of the filter, newest first, after the given place. */
export const listEvents = async (
  db: LedgerDb,
  filter: EventFilter,
  page: { readonly limit: number; readonly after: EventPlace | undefined },
): Promise<readonly LocatedEvent[]> => {
  let query = db
    .selectFrom('ledger_event as e')
    .innerJoin('ledger_node as n', 'n.node_id', 'e.node_id')
    .select(eventColumns)
  const { licenceId, caseId, clientId, operatorId, decision, from, to } = filter
  if (licenceId !== undefined) {
    query = query.where(
      sql<boolean>`(e.node_id, e.position) in (
        select node_id, position from ledger_event_licence where licence_id = ${licenceId})`,
    )
  }
  if (caseId !== undefined) query = query.where('e.case_id', '=', caseId)
  if (clientId !== undefined) query = query.where('e.client_id', '=', clientId)
  if (operatorId !== undefined) query = query.where('e.operator_id', '=', operatorId)
  if (decision !== undefined) query = query.where('e.decision', '=', decision)
  if (from !== undefined) query = query.where('e.at', '>=', from)
  if (to !== undefined) query = query.where('e.at', '<', to)
  if (page.after !== undefined) {
    const { at, nodeId, position } = page.after
    query = query.where(
      sql<boolean>`(e.at, e.node_id, e.position) < (${at}, ${nodeId}, ${position})`,
    )
  }
  const rows = await query
    .orderBy('e.at', 'desc')
    .orderBy('e.node_id', 'desc')
    .orderBy('e.position', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(locatedEventOf)
}

/** The first checkpoint of the node that covers the position: the one that the receipt first had. */
export const findCheckpointOver = async (
  db: LedgerDb,
  nodeId: number,
  position: number,
): Promise<{ readonly size: number; readonly note: string } | undefined> =>
  db
    .selectFrom('ledger_checkpoint')
    .select(['size', 'note'])
    .where('node_id', '=', nodeId)
    .where('size', '>', position)
    .orderBy('size')
    .limit(1)
    .executeTakeFirst()

export const findNewestCheckpoint = async (
  db: LedgerDb,
  origin: string,
): Promise<{ readonly nodeId: number; readonly size: number; readonly note: string } | undefined> =>
  db
    .selectFrom('ledger_checkpoint as c')
    .innerJoin('ledger_node as n', 'n.node_id', 'c.node_id')
    .select(['c.node_id as nodeId', 'c.size', 'c.note'])
    .where('n.origin', '=', origin)
    .orderBy('c.size', 'desc')
    .limit(1)
    .executeTakeFirst()

export type ListedCheckpoint = {
  readonly origin: string
  readonly size: number
  readonly note: string
  readonly createdAt: Date
}

/** Checkpoints by log, newest first within each. */
export const listCheckpoints = async (
  db: LedgerDb,
  origin: string | undefined,
  page: {
    readonly limit: number
    readonly after: Pick<ListedCheckpoint, 'origin' | 'size'> | undefined
  },
): Promise<readonly ListedCheckpoint[]> => {
  let query = db
    .selectFrom('ledger_checkpoint as c')
    .innerJoin('ledger_node as n', 'n.node_id', 'c.node_id')
    .select(['n.origin', 'c.size', 'c.note', 'c.created_at as createdAt'])
  if (origin !== undefined) query = query.where('n.origin', '=', origin)
  const { after } = page
  if (after !== undefined) {
    query = query.where((by) =>
      by.or([
        by('n.origin', '>', after.origin),
        by.and([by('n.origin', '=', after.origin), by('c.size', '<', after.size)]),
      ]),
    )
  }
  return query.orderBy('n.origin').orderBy('c.size', 'desc').limit(page.limit).execute()
}

/** Entries `start` to `start + count - 1` of a log; fewer where the log ends. */
export const readEntries = async (
  db: LedgerDb,
  nodeId: number,
  start: number,
  count: number,
): Promise<readonly Uint8Array[]> => {
  const rows = await db
    .selectFrom('ledger_event')
    .select('entry')
    .where('node_id', '=', nodeId)
    .where('position', '>=', start)
    .where('position', '<', start + count)
    .orderBy('position')
    .limit(count)
    .execute()
  return rows.map(({ entry }) => entry)
}

/** Hashes `start` to `start + count - 1` of a tile level above 0. */
export const readSubtreeHashes = async (
  db: LedgerDb,
  nodeId: number,
  level: number,
  start: number,
  count: number,
): Promise<readonly Uint8Array[]> => {
  const rows = await db
    .selectFrom('ledger_subtree')
    .select('hash')
    .where('node_id', '=', nodeId)
    .where('level', '=', level)
    .where('position', '>=', start)
    .where('position', '<', start + count)
    .orderBy('position')
    .limit(count)
    .execute()
  return rows.map(({ hash }) => hash)
}

export const findKeptRequest = async (
  db: LedgerDb,
  no: ReceiptNo,
): Promise<SealedBlob | undefined> => {
  const row = await db
    .selectFrom('ledger_request')
    .select(['blob', 'key_id'])
    .where('receipt_no', '=', no)
    .executeTakeFirst()
  return row && { blob: row.blob, keyId: row.key_id }
}

/**
 * Forgets nonces that are kept until before an instant. Answers how many, 10,000 at most. The database's
 * own clock has to agree, so that one node whose clock is ahead takes nothing from the others.
 */
export const purgeNonces = async (db: LedgerDb, before: Date): Promise<number> => {
  const { numAffectedRows } = await sql`
    delete from ledger_nonce where (client_id, nonce) in (
      select client_id, nonce from ledger_nonce where kept_until < least(${before}, now()) limit 10000
    )`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

type EventRow = {
  receipt_no: string
  node_id: number
  origin: string
  position: number
  blob: Buffer
  key_id: string
  at: Date
  action: string
  decision: string
  client_id: string | null
  case_id: string | null
}

const locatedEventOf = (row: EventRow): LocatedEvent => ({
  no: asId<ReceiptNo>(row.receipt_no),
  nodeId: row.node_id,
  origin: row.origin,
  position: row.position,
  sealed: { blob: row.blob, keyId: row.key_id },
  at: row.at,
  action: row.action,
  decision: row.decision,
  clientId: row.client_id ?? undefined,
  caseId: row.case_id ?? undefined,
})
