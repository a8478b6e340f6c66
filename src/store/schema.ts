import type { Generated } from 'kysely'
import type {
  Bytes,
  BytesList,
  BytesOrNull,
  JsonColumn,
  JsonOrNull,
  TextList,
  TextListOrNull,
} from './columns.ts'
import type {
  CaseFileTable,
  CaseConfirmationTable,
  CaseFetchTable,
  CaseMaterialTable,
  LedgerNodeTable,
  LedgerEventTable,
  LedgerEventLicenceTable,
  LedgerSubtreeTable,
  LedgerCheckpointTable,
  LedgerOutboxTable,
  LedgerRequestTable,
  LedgerNonceTable,
  IdempotencyTable,
  VerificationTable,
  CertificateWarningTable,
} from './schema-exchange.ts'

type SettingTable = { name: string; value: JsonColumn }

type OrganisationTable = {
  organisation_id: string
  name_zh: string
  uscc: string
  parent_id: string | null
  roles: TextList
  connected: Generated<boolean>
  created_at: Date
}
type ClientTable = {
  client_id: string
  kind: 'system' | 'person'
  organisation_id: string
  roles: TextList
  operator_id: string | null
  suspended_at: Date | null
  created_at: Date
}
type ClientCertificateTable = {
  certificate_id: string
  client_id: string
  der: Bytes
  not_before: Date
  not_after: Date
  revoked_at: Date | null
  revocation_reason: string | null
  renewed_with: string | null
  created_at: Date
}
type CertificateRequestTable = {
  request_id: string
  client_id: string
  csr: Bytes
  valid_for_days: number
  requested_by: string
  issued_by: string | null
  certificate_id: string | null
  created_at: Date
  issued_at: Date | null
}
type OperatorTable = {
  operator_id: string
  organisation_id: string
  client_id: string | null
  name_blob: Bytes
  key_id: string
  service_window: string | null
  suspended_at: Date | null
  created_at: Date
}
type AccessGrantTable = {
  grant_id: string
  client_id: string
  type_code: string
  item_code: string
  item_version: number | null
  fields: TextListOrNull
  legal_basis: string
  status: 'proposed' | 'active' | 'revoked'
  proposed_by: string
  approved_by: string | null
  revoked_by: string | null
  created_at: Date
  decided_at: Date | null
}

type LicenceTypeTable = {
  type_code: string
  version: number
  short_code: string | null
  issuer_code: string
  status: number
  definition: JsonColumn
  created_at: Date
}
type ServiceItemTable = {
  item_code: string
  version: number
  definition: JsonColumn
  created_at: Date
}

type SigningCertificateTable = {
  certificate_id: string
  issuer_code: string
  alg: string
  chain: BytesList
  key_custody: 'department' | 'gateway'
  signer_url: string | null
  not_after: Date
  retired_at: Date | null
  created_at: Date
}
type BatchTable = {
  batch_id: string
  issuer_code: string
  format: string
  type_codes: TextListOrNull
  expected_rows: number
  expected_chunks: number
  state: 'open' | 'validating' | 'validated' | 'releasing' | 'released' | 'rolled_back' | 'failed'
  certificate_id: string | null
  root: BytesOrNull
  rows_valid: number | null
  rows_warned: number | null
  rows_duplicate: number | null
  rows_quarantined: number | null
  failure: string | null
  progress: JsonOrNull
  first_licence_id: string | null
  last_licence_id: string | null
  release_order: JsonOrNull
  standing_order_id: string | null
  created_at: Date
  validated_at: Date | null
  released_at: Date | null
  rolled_back_at: Date | null
  rollback_asked_by: string | null
  rollback_asked_at: Date | null
}
type LicenceResignTable = { licence_id: string; source_id: string; batch_id: string }
type DeclarationTable = {
  declaration_id: string
  issuer_code: string
  type_code: string
  rows: string
  as_of: string
  declared_by: string
  created_at: Date
}
type BatchHandTable = { batch_id: string; certificate_id: string; client_id: string }
type BatchChunkTable = {
  batch_id: string
  chunk: number
  digest: Bytes
  row_count: number
  created_at: Date
}
type BatchBlockTable = {
  batch_id: string
  chunk: number
  first_line: number
  blob: Bytes
  key_id: string
}
type BatchSupersessionTable = {
  batch_id: string
  licence_id: string
  successor_id: string
  prior_status: string | null
  prior_status_as_of: Date | null
  prior_status_source: string | null
}
type StandingOrderTable = {
  order_id: string
  issuer_code: string
  jws: string
  certificate: Bytes
  type_codes: TextList
  per_day_max: number
  until_day: string
  created_at: Date
  revoked_at: Date | null
}
type StandingOrderUseTable = { order_id: string; day: string; used: number }
type BatchErrorTable = {
  batch_id: string
  chunk: number
  line: number
  position: number
  class: 'normalise' | 'warn' | 'quarantine' | 'duplicate'
  rule: string
  pointer: string
  detail_blob: BytesOrNull
  key_id: string | null
}

type LicenceTable = {
  licence_id: string
  batch_id: string
  chunk: number
  line: number
  type_code: string
  catalogue_version: number
  version: string
  issuer_code: string
  certificate_id: string
  iat: number
  issued_at: string
  valid_from: string
  valid_to: string | null
  trust_level: string
  area_code: string | null
  status: string
  source_status: string | null
  status_as_of: Date
  status_source: string
  successor_id: string | null
  content_digest: Bytes
  blob: Bytes
  key_id: string
}
type LicenceSignatureTable = { licence_id: string; signature: Bytes }
type LicenceIdentifierTable = {
  identifier_index: Bytes
  licence_id: string
  key_id: string
  legacy: Generated<boolean>
}
type LicenceNumberTable = {
  number_index: Bytes
  type_code: string
  licence_id: string
  key_id: string
}
type LicenceHolderTable = {
  holder_index: Bytes
  type_code: string
  licence_id: string
  batch_id: string
  name_index: Bytes
  key_id: string
}

/**
 * Row types of all tables of migrations/. A bigint is read as a number (the driver refuses one beyond
 * 2^53), a timestamptz as a Date; a row type never leaves the data layer.
 */
export type Database = {
  setting: SettingTable
  organisation: OrganisationTable
  client: ClientTable
  client_certificate: ClientCertificateTable
  certificate_request: CertificateRequestTable
  operator: OperatorTable
  access_grant: AccessGrantTable
  licence_type: LicenceTypeTable
  service_item: ServiceItemTable
  signing_certificate: SigningCertificateTable
  batch: BatchTable
  licence_resign: LicenceResignTable
  declaration: DeclarationTable
  batch_hand: BatchHandTable
  batch_chunk: BatchChunkTable
  batch_block: BatchBlockTable
  batch_supersession: BatchSupersessionTable
  batch_error: BatchErrorTable
  standing_order: StandingOrderTable
  standing_order_use: StandingOrderUseTable
  licence: LicenceTable
  licence_signature: LicenceSignatureTable
  licence_identifier: LicenceIdentifierTable
  licence_number: LicenceNumberTable
  licence_holder: LicenceHolderTable
  case_file: CaseFileTable
  case_confirmation: CaseConfirmationTable
  case_fetch: CaseFetchTable
  case_material: CaseMaterialTable
  ledger_node: LedgerNodeTable
  ledger_event: LedgerEventTable
  ledger_event_licence: LedgerEventLicenceTable
  ledger_subtree: LedgerSubtreeTable
  ledger_checkpoint: LedgerCheckpointTable
  ledger_outbox: LedgerOutboxTable
  ledger_request: LedgerRequestTable
  ledger_nonce: LedgerNonceTable
  idempotency: IdempotencyTable
  verification: VerificationTable
  certificate_warning: CertificateWarningTable
}
