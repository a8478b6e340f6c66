import { asId } from '../contract/ids.ts'
import type { SealedColumn, SealedRow } from '../store/sealed-column.ts'
import { context } from './prepare-filing.ts'

const contextOf =
  (kind: 'event' | 'request') =>
  (row: SealedRow): Uint8Array =>
    context(kind, asId(String(row['receipt_no'])))

/** The holder of an event is the subject of its case, which has moved before. */
const subjectOfCase = `subject_index = case when t.subject_index is null then null else coalesce(
  (select f.subject_index from case_file f where f.case_id = t.case_id), t.subject_index) end`

/** The outbox first, since its rows go into the log under the key that they have. */
export const ledgerColumns: readonly SealedColumn[] = [
  {
    table: 'ledger_outbox',
    key: [{ name: 'receipt_no', type: 'text' }],
    blob: 'blob',
    keyId: 'key_id',
    context: contextOf('event'),
    set: subjectOfCase,
  },
  {
    table: 'ledger_event',
    key: [
      { name: 'node_id', type: 'int' },
      { name: 'position', type: 'bigint' },
    ],
    blob: 'blob',
    keyId: 'key_id',
    also: ['receipt_no'],
    context: contextOf('event'),
    set: subjectOfCase,
  },
  {
    table: 'ledger_request',
    key: [{ name: 'receipt_no', type: 'text' }],
    blob: 'blob',
    keyId: 'key_id',
    context: contextOf('request'),
  },
]
