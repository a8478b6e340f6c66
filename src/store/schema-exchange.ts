import type { GeneratedAlways } from 'kysely'
import type { Bytes, BytesList, BytesOrNull, TextList } from './columns.ts'

export type CaseFileTable = {
  case_id: string
  case_no: string
  registrar_id: string
  client_id: string
  item_code: string
  item_version: number
  channel: string
  division: string | null
  assurance: 'registered' | 'present' | 'asserted'
  subject_index: Bytes
  body_digest: Bytes
  blob: Bytes
  key_id: string
  state: 'open' | 'closed'
  outcome: string | null
  created_at: Date
  expires_at: Date
  closed_at: Date | null
  reconciled_at: Date | null
}
export type CaseMaterialTable = {
  case_id: string
  material_code: string
  licence_id: string
  fetch_id: string
  created_at: Date
}
export type CaseConfirmationTable = {
  registrar_id: string
  case_no: string
  item_code: string
  created_at: Date
}
export type CaseFetchTable = {
  fetch_id: string
  case_id: string
  client_id: string
  result_blob: Bytes
  key_id: string
  created_at: Date
}

export type LedgerNodeTable = {
  node_id: GeneratedAlways<number>
  origin: string
  size: number
  frontier: BytesList
}
export type LedgerEventTable = {
  position: number
  at: Date
  case_id: string | null
  node_id: number
  receipt_no: string
  entry: Bytes
  blob: Bytes
  key_id: string
  action: string
  decision: string
  client_id: string | null
  operator_id: string | null
  item_code: string | null
  subject_index: BytesOrNull
}
export type LedgerEventLicenceTable = {
  licence_id: string
  at: Date
  position: number
  node_id: number
}
export type LedgerSubtreeTable = { node_id: number; level: number; position: number; hash: Bytes }
export type LedgerCheckpointTable = {
  node_id: number
  size: number
  note: string
  created_at: Date
}
export type LedgerOutboxTable = {
  receipt_no: string
  node_id: number
  at: Date
  entry: Bytes
  blob: Bytes
  key_id: string
  action: string
  decision: string
  case_id: string | null
  client_id: string | null
  operator_id: string | null
  item_code: string | null
  subject_index: BytesOrNull
  licence_ids: TextList
}
export type LedgerRequestTable = { receipt_no: string; blob: Bytes; key_id: string }
export type LedgerNonceTable = { client_id: string; nonce: string; kept_until: Date }

export type IdempotencyTable = {
  client_id: string
  key: string
  method_path: string
  body_digest: Bytes
  lease_until: Date
  status: number | null
  receipt_no: string | null
  result_blob: BytesOrNull
  key_id: string | null
  created_at: Date
}
export type VerificationTable = {
  verification_id: string
  client_id: string
  report_blob: Bytes
  key_id: string
  created_at: Date
}

export type CertificateWarningTable = {
  certificate_id: string
  within_days: number
  created_at: Date
}
