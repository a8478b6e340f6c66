import type { Generated, Kysely } from 'kysely'
import type { Bytes, BytesOrNull, JsonColumn } from '../store/columns.ts'
import type { Database } from '../store/schema.ts'

export type HallEventKind =
  | 'material.available'
  | 'material.unavailable'
  | 'hall.down'
  | 'hall.recovered'
  | 'hall.maintenance'

type HallTable = {
  hall_id: string
  position: number
  enabled: Generated<boolean>
  definition: JsonColumn
  updated_at: Date
}
export type HallTicketTable = {
  ticket_id: string
  hall_id: string
  kind: 'pending' | 'back_fetch'
  state: 'waiting' | 'done' | 'expired'
  question_index: Bytes
  case_id: string
  material_code: string
  type_code: string
  blob: Bytes
  key_id: string
  retry_at: Date
  expires_at: Date
  attempts: Generated<number>
  lease_until: Date | null
  lease_by: string | null
  result_blob: BytesOrNull
  result_key_id: string | null
  created_at: Date
  settled_at: Date | null
}
type HallDataQualityTable = {
  quality_id: string
  kind: string
  issuer_code: string
  hall_id: string | null
  type_code: string
  subject_index: Bytes
  case_id: string | null
  detail: JsonColumn
  blob: Bytes
  key_id: string
  occurrences: Generated<number>
  opened_at: Date
  last_seen_at: Date
  closed_at: Date | null
}
type HallEventTable = {
  event_id: string
  position: Generated<number>
  kind: HallEventKind
  hall_id: string
  case_id: string | null
  ticket_id: string | null
  body: JsonColumn
  created_at: Date
  delivered_at: Date | null
}

/** Row types of this room's tables (migrations/0002-halls.sql). */
export type HallTables = {
  hall: HallTable
  hall_ticket: HallTicketTable
  hall_data_quality: HallDataQualityTable
  hall_event: HallEventTable
}

/** The gateway's database or an open transaction of it. */
export type HallDb = Kysely<Database>

export const hallTables = (db: HallDb): Kysely<Database & HallTables> => db.withTables<HallTables>()
