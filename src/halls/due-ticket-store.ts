import { sql, type Selectable } from 'kysely'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { inTransaction } from '../store/in-transaction.ts'
import type { CollectOutcome } from './collect-licence.ts'
import { keepHallEvent, type NewHallEvent } from './hall-event-store.ts'
import { hallTables, type HallDb, type HallTicketTable } from './hall-tables-store.ts'
import type { NewTicket } from './hall-tickets.ts'
import { ticketContext as aad } from './question-text.ts'
import { decodeQuestion, encodeQuestion, type StoredQuestion } from './stored-question.ts'

export type TicketStoreDeps = {
  readonly store: { readonly db: HallDb }
  readonly keys: Pick<DataKeys, 'seal' | 'open' | 'index' | 'indexAll'>
  readonly clock: Clock
  readonly random: RandomBytes
}

/** A ticket that this node holds until its lease ends. */
export type DueTicket = StoredQuestion & {
  readonly ticketId: string
  readonly kind: NewTicket['kind']
  readonly attempts: number
}

export type TicketClaim = {
  readonly node: string
  readonly leaseMs: number
  readonly limit: number
}

/** Tickets whose time has come, leased to one node. Leases run by the database's clock, which all nodes share. */
export const claimDue = async (
  deps: TicketStoreDeps,
  hallId: string,
  { node, leaseMs, limit }: TicketClaim,
): Promise<readonly DueTicket[]> => {
  const db = hallTables(deps.store.db)
  const rows = await db
    .updateTable('hall_ticket')
    .set({
      lease_by: node,
      lease_until: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`,
      attempts: sql<number>`attempts + 1`,
    })
    .where('ticket_id', 'in', (e) =>
      e
        .selectFrom('hall_ticket')
        .select('ticket_id')
        .where('hall_id', '=', hallId)
        .where('state', '=', 'waiting')
        .where('retry_at', '<=', deps.clock.now())
        .where((w) => w.or([w('lease_until', 'is', null), w('lease_until', '<', sql<Date>`now()`)]))
        .orderBy('retry_at')
        .orderBy('ticket_id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute()
  return rows.map((row) => ({
    ticketId: row.ticket_id,
    kind: row.kind,
    attempts: row.attempts,
    ...decodeQuestion(deps.keys.open(row.blob, row.key_id, aad(row.ticket_id, 'question'))),
  }))
}

/** Gives a ticket back until later; a new ticket of the hall replaces the old one. */
export const postpone = async (
  deps: TicketStoreDeps,
  { ticketId, question }: DueTicket,
  until: Date,
  hallTicket: string | undefined,
): Promise<void> => {
  const sealed = deps.keys.seal(encodeQuestion({ question, hallTicket }), aad(ticketId, 'question'))
  await hallTables(deps.store.db)
    .updateTable('hall_ticket')
    .set({
      retry_at: until,
      blob: sealed.blob,
      key_id: sealed.keyId,
      lease_until: null,
      lease_by: null,
    })
    .where('ticket_id', '=', ticketId)
    .where('state', '=', 'waiting')
    .execute()
}

/** How long the answer to a ticket, or what is left of one without, is kept. */
const keptMs = 7 * 86_400_000

/** Ends tickets that nobody answered in time, forgets those that ended long ago. */
export const expire = async (deps: TicketStoreDeps): Promise<number> => {
  const now = deps.clock.now()
  return inTransaction(deps.store, async (tx) => {
    const rows = await hallTables(tx)
      .updateTable('hall_ticket')
      .set({ state: 'expired', settled_at: now })
      .where('state', '=', 'waiting')
      .where('expires_at', '<=', now)
      .returningAll()
      .execute()
    for (const row of rows) await keepHallEvent(tx, deps.random, eventOf(row, 'expired', now))
    await hallTables(tx)
      .deleteFrom('hall_ticket')
      .where('settled_at', '<=', new Date(now.getTime() - keptMs))
      .execute()
    return rows.length
  })
}

const available: readonly string[] = ['collected', 'ambiguous'] satisfies CollectOutcome['state'][]

/** What is told of a ticket that has ended: its state, no content. */
export const eventOf = (
  row: Selectable<HallTicketTable>,
  state: string,
  now: Date,
): NewHallEvent => ({
  kind: available.includes(state) ? 'material.available' : 'material.unavailable',
  hallId: row.hall_id,
  caseId: row.case_id,
  ticketId: row.ticket_id,
  body: {
    caseId: row.case_id,
    materialCode: row.material_code,
    typeCode: row.type_code,
    hallId: row.hall_id,
    ticketId: row.ticket_id,
    state,
  },
  createdAt: now,
})
