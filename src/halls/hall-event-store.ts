import { cityTimeOf } from '../contract/clock.ts'
import type { Json } from '../contract/endpoint.ts'
import { newUuidV7, type RandomBytes } from '../contract/uuid.ts'
import type { HallTransition } from './hall-record.ts'
import { hallTables, type HallDb, type HallEventKind } from './hall-tables-store.ts'

export type HallEvent = {
  readonly eventId: string
  readonly kind: HallEventKind
  readonly hallId: string
  readonly caseId: string | null
  readonly ticketId: string | null
  /** Without personal data. */
  readonly body: Json
  readonly createdAt: Date
}

export type NewHallEvent = Omit<HallEvent, 'eventId'>

/** Keeps an event for delivery. In a transaction it is kept exactly when that commits. */
export const keepHallEvent = async (
  db: HallDb,
  random: RandomBytes,
  event: NewHallEvent,
): Promise<string> => {
  const eventId = newUuidV7(event.createdAt.getTime(), random)
  await hallTables(db)
    .insertInto('hall_event')
    .values({
      event_id: eventId,
      kind: event.kind,
      hall_id: event.hallId,
      case_id: event.caseId,
      ticket_id: event.ticketId,
      body: JSON.stringify(event.body),
      created_at: event.createdAt,
      delivered_at: null,
    })
    .execute()
  return eventId
}

/** A change of a hall's condition as an event. */
export const eventOfTransition = ({ kind, hallId, at, until }: HallTransition): NewHallEvent => ({
  kind,
  hallId,
  caseId: null,
  ticketId: null,
  body: {
    hallId,
    at: cityTimeOf(at),
    ...(until === undefined ? {} : { until: cityTimeOf(until) }),
  },
  createdAt: at,
})

/** Events in the order in which they were kept, those that nobody has taken yet. */
export const listUndelivered = async (db: HallDb, limit = 100): Promise<readonly HallEvent[]> => {
  const rows = await hallTables(db)
    .selectFrom('hall_event')
    .selectAll()
    .where('delivered_at', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(toEvent)
}

/** The events of one case, oldest first. */
export const listCaseEvents = async (
  db: HallDb,
  caseId: string,
  limit = 200,
): Promise<readonly HallEvent[]> => {
  const rows = await hallTables(db)
    .selectFrom('hall_event')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(toEvent)
}

export const markDelivered = async (
  db: HallDb,
  eventIds: readonly string[],
  now: Date,
): Promise<void> => {
  await hallTables(db)
    .updateTable('hall_event')
    .set({ delivered_at: now })
    .where('event_id', 'in', eventIds)
    .execute()
}

type Row = {
  readonly event_id: string
  readonly kind: HallEventKind
  readonly hall_id: string
  readonly case_id: string | null
  readonly ticket_id: string | null
  readonly body: Json
  readonly created_at: Date
}

const toEvent = (row: Row): HallEvent => ({
  eventId: row.event_id,
  kind: row.kind,
  hallId: row.hall_id,
  caseId: row.case_id,
  ticketId: row.ticket_id,
  body: row.body,
  createdAt: row.created_at,
})
