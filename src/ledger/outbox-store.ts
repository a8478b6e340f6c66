import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { runNamed } from '../store/run-named.ts'
import { digestNameOfOrigin } from '../crypto/checkpoint.ts'
import type { DigestName } from '../crypto/digest.ts'
import { insertAll, type Query } from './companion-store.ts'
import type { Companion } from './filing.ts'
import type { LedgerDb } from './ledger-store.ts'
import type { LogNode } from './log-connection-store.ts'
import type { PreparedFiling } from './prepare-filing.ts'

/**
 * Leaves the event of a write in the outbox, its nonce and its kept request in their tables, all inside
 * the write's own transaction: they stand or fall with it.
 * @throws GatewayError nonce_replayed, idempotency_in_progress
 */
export const insertIntoOutbox = async (
  tx: Tx,
  node: LogNode,
  filing: PreparedFiling,
): Promise<void> => {
  const { search, sealed, request, nonce } = filing
  const taken = await runNamed(tx, 'ledger-enqueue', enqueueSql, [
    nonce?.clientId,
    nonce?.nonce,
    nonce?.keptUntil.toISOString(),
    filing.no,
    request?.blob,
    request?.keyId,
    ...[node.nodeId, search.at.toISOString(), filing.entry, sealed.blob, sealed.keyId],
    ...[search.action, search.decision, search.caseId, search.clientId, search.operatorId],
    ...[search.itemCode, search.subjectIndex, search.licenceIds],
  ])
  if (taken.length === 0) throw new GatewayError('nonce_replayed')
  if (filing.companions.length > 0) {
    await insertCompanions(tx, filing.companions, digestNameOfOrigin(node.origin))
  }
}

const insertCompanions = async (
  tx: Tx,
  companions: readonly Companion[],
  digestName: DigestName,
): Promise<void> => {
  const inserted = await insertAll(queryOf(tx), companions, digestName)
  const isLost = companions.some((one) => one.conflict === 'lost' && !inserted.has(one))
  if (isLost) throw new GatewayError('idempotency_in_progress', undefined, { retryAfterMs: 1000 })
}

const queryOf =
  (tx: Tx): Query =>
  async (name, text, values) => ({ rows: await runNamed(tx, name, text, values) })

/** One statement; when the nonce is used nothing is inserted and no row comes back. */
const enqueueSql = `
with nonce as (
  insert into ledger_nonce (client_id, nonce, kept_until)
  select $1::text, $2::text, $3::timestamptz where $1::text is not null
  on conflict do nothing returning 1
), allowed as (
  select 1 where $1::text is null union all select 1 from nonce
), request as (
  insert into ledger_request (receipt_no, blob, key_id)
  select $4::text, $5::bytea, $6::text from allowed where $5::bytea is not null
)
insert into ledger_outbox (receipt_no, node_id, at, entry, blob, key_id, action, decision, case_id,
  client_id, operator_id, item_code, subject_index, licence_ids)
select $4::text, $7::smallint, $8::timestamptz, $9::bytea, $10::bytea, $11::text, $12::text, $13::text,
  $14::uuid, $15::text, $16::text, $17::text, $18::bytea, $19::uuid[] from allowed
returning receipt_no`

/** True once the transaction that left this event has committed, until a writer has moved it. */
export const isInOutbox = async (db: LedgerDb, no: ReceiptNo): Promise<boolean> => {
  const row = await db
    .selectFrom('ledger_outbox')
    .select('receipt_no')
    .where('receipt_no', '=', no)
    .executeTakeFirst()
  return row !== undefined
}
