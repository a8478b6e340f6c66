import { operatorNames } from '../access/operator-store.ts'
import { casePeople } from '../cases/case-store.ts'
import { fetchResults } from '../cases/fetch-store.ts'
import { qualityHolders } from '../halls/data-quality-store.ts'
import { ticketQuestions, ticketResults } from '../halls/sealed-tickets-store.ts'
import { idempotentResults } from '../http/idempotency-store.ts'
import { ledgerColumns } from '../ledger/sealed-columns-store.ts'
import { licenceKeyColumns } from '../licences/reindex-licences-store.ts'
import { blockLines } from '../stock/chunk-store.ts'
import { findingDetails } from '../stock/finding-store.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import { keptReports } from '../verification/verification-store.ts'

/** All sealed columns but the licences', which move with their look-up rows; cases before events. */
export const sealedColumns: readonly SealedColumn[] = [
  operatorNames,
  casePeople,
  fetchResults,
  ...ledgerColumns,
  ticketQuestions,
  ticketResults,
  qualityHolders,
  blockLines,
  findingDetails,
  idempotentResults,
  keptReports,
]

/** Every column of the database that names a data key. */
export const dataKeyColumns: readonly Pick<SealedColumn, 'table' | 'keyId'>[] = [
  ...licenceKeyColumns,
  ...sealedColumns,
]
