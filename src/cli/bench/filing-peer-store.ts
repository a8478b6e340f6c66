import type { PreparedFiling } from '../../ledger/prepare-filing.ts'
import type { Store } from '../../store/open-store.ts'

/** Tables of the peer: the shape and the indexes of the ledger's own. */
export const createPeerTables = async ({ pool }: Pick<Store, 'pool'>): Promise<void> => {
  for (const table of ['ledger_event', 'ledger_nonce', 'ledger_request'])
    await pool.query(
      `create table if not exists bench_${table} (like ${table} including defaults including indexes)`,
    )
  await pool.query('create sequence if not exists bench_position')
}

/** Event, nonce and kept request of one filing: one statement, one commit. */
export const insertEvidence = async (
  { pool }: Pick<Store, 'pool'>,
  filing: PreparedFiling,
): Promise<void> => {
  const { nonce, request } = filing
  await pool.query({
    name: 'bench-evidence',
    text: evidenceSql,
    values: [
      ...eventValues(filing),
      nonce?.clientId,
      nonce?.nonce,
      nonce?.keptUntil.toISOString(),
      request?.blob,
      request?.keyId,
    ],
  })
}

/** The event's row alone. */
export const insertBareEvent = async (
  { pool }: Pick<Store, 'pool'>,
  filing: PreparedFiling,
): Promise<void> => {
  await pool.query({ name: 'bench-event', text: eventSql, values: [...eventValues(filing)] })
}

const eventValues = ({ no, entry, sealed, search }: PreparedFiling): readonly unknown[] => [
  search.at.toISOString(),
  search.caseId,
  no,
  entry,
  sealed.blob,
  sealed.keyId,
  search.action,
  search.decision,
  search.clientId,
  search.operatorId,
  search.itemCode,
  search.subjectIndex,
]

const eventSql = `
  insert into bench_ledger_event (position, node_id, at, case_id, receipt_no, entry, blob, key_id, action,
    decision, client_id, operator_id, item_code, subject_index)
  values (nextval('bench_position'), 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

const evidenceSql = `
  with event as (${eventSql}), request as (
    insert into bench_ledger_request (receipt_no, blob, key_id) values ($3, $16, $17)
  )
  insert into bench_ledger_nonce (client_id, nonce, kept_until) values ($13, $14, $15)`
