import type { Selectable } from 'kysely'
import { newUuidV7 } from '../contract/uuid.ts'
import { gatherReads } from '../store/gather-reads.ts'
import { inTransaction } from '../store/in-transaction.ts'
import type { CollectOutcome } from './collect-licence.ts'
import { keepHallEvent } from './hall-event-store.ts'
import { questionText, ticketContext as aad } from './question-text.ts'
import { findWaitingUnderPrevious } from './waiting-ticket-store.ts'
import { claimDue, eventOf, expire, postpone } from './due-ticket-store.ts'
import type { DueTicket, TicketClaim, TicketStoreDeps } from './due-ticket-store.ts'
import { hallTables, type HallDb, type HallTicketTable } from './hall-tables-store.ts'
import type { HallQuestion, NewTicket, TicketKeeper, TicketView } from './hall-tickets.ts'
import { decodeOutcome, encodeOutcome, encodeQuestion } from './stored-question.ts'

export type TicketStore = TicketKeeper & {
  /** Tickets whose time has come, leased to one node: no other node gets them meanwhile. */
  readonly claimDue: (hallId: string, claim: TicketClaim) => Promise<readonly DueTicket[]>
  /** Gives a ticket back until later; a new ticket of the hall replaces the old one. */
  readonly postpone: (ticket: DueTicket, until: Date, hallTicket?: string) => Promise<void>
  /** Ends tickets that nobody answered in time; answers how many. */
  readonly expire: () => Promise<number>
  /** The tickets of these ids, by id; what is kept no longer is missing. */
  readonly findAll: (ticketIds: readonly string[]) => Promise<ReadonlyMap<string, TicketView>>
  readonly listOfCase: (caseId: string) => Promise<readonly CaseTicket[]>
  /** Forgets a case's questions and answers. */
  readonly forgetCase: (caseId: string) => Promise<void>
}

export type CaseTicket = TicketView & { readonly materialCode: string; readonly hallId: string }

/** How long a question waits, how long its answer serves an equal question. */
const waitsMs = { pending: 86_400_000, back_fetch: 7 * 86_400_000 } as const
const servesMs = 600_000

type Row = Selectable<HallTicketTable>

export const makeTicketStore = (deps: TicketStoreDeps): TicketStore => ({
  find: gatherReads((questions: readonly HallQuestion[]) => findTickets(deps, questions)),
  keep: (ticket) => keepTicket(deps, ticket),
  settle: (ticketId, outcome) => settleTicket(deps, ticketId, outcome),
  claimDue: (hallId, claim) => claimDue(deps, hallId, claim),
  postpone: (ticket, until, hallTicket) => postpone(deps, ticket, until, hallTicket),
  expire: () => expire(deps),
  findAll: (ticketIds) => findAll(deps, ticketIds),
  listOfCase: (caseId) => listOfCase(deps, caseId),
  forgetCase: (caseId) => forgetCaseTickets(deps.store.db, caseId),
})

/** Forgets a case's questions and answers; in a transaction, when that commits. */
export const forgetCaseTickets = async (db: HallDb, caseId: string): Promise<void> => {
  await hallTables(db).deleteFrom('hall_ticket').where('case_id', '=', caseId).execute()
}

const findAll = async (
  deps: TicketStoreDeps,
  ticketIds: readonly string[],
): Promise<ReadonlyMap<string, TicketView>> => {
  const rows = await hallTables(deps.store.db)
    .selectFrom('hall_ticket')
    .selectAll()
    .where('ticket_id', 'in', ticketIds)
    .orderBy('ticket_id')
    .limit(1_000)
    .execute()
  return new Map(rows.map((row) => [row.ticket_id, viewOf(deps, row)]))
}

/** The newest ticket of each question; many clerks ask at once, so that their questions share a read. */
const findTickets = async (
  deps: TicketStoreDeps,
  questions: readonly HallQuestion[],
): Promise<readonly (TicketView | undefined)[]> => {
  const indices = questions.map((question) =>
    deps.keys.indexAll('subject', questionText(question)).map(({ index }) => index),
  )
  const since = new Date(deps.clock.now().getTime() - servesMs)
  const rows = await hallTables(deps.store.db)
    .selectFrom('hall_ticket')
    .selectAll()
    .where('question_index', '=', (e) => e.fn.any(e.val(indices.flat())))
    .where((e) =>
      e.or([
        e('state', '=', 'waiting'),
        e.and([e('state', '=', 'done'), e('settled_at', '>', since)]),
      ]),
    )
    .orderBy('created_at', 'desc')
    .orderBy('ticket_id', 'desc')
    .limit(10_000)
    .execute()
  return indices.map((own) => {
    const row = rows.find(({ question_index }) =>
      own.some((index) => Buffer.compare(index, question_index) === 0),
    )
    return row && viewOf(deps, row)
  })
}

const viewOf = ({ keys }: TicketStoreDeps, row: Row): TicketView => ({
  ticketId: row.ticket_id,
  kind: row.kind,
  state: row.state,
  retryAt: row.retry_at,
  outcome:
    row.result_blob === null || row.result_key_id === null
      ? undefined
      : decodeOutcome(keys.open(row.result_blob, row.result_key_id, aad(row.ticket_id, 'result'))),
})

/** One waiting ticket a question: the unique index decides between two nodes that keep it at once. */
const keepTicket = async (deps: TicketStoreDeps, ticket: NewTicket): Promise<string> => {
  const { question, kind, hallTicket, retryAt } = ticket
  const earlier = await findWaitingUnderPrevious(deps, question)
  if (earlier !== undefined) {
    if (kind === 'pending') await takeOver(deps, earlier, ticket)
    return earlier
  }
  const now = deps.clock.now()
  const ticketId = newUuidV7(now.getTime(), deps.random)
  const sealed = deps.keys.seal(encodeQuestion({ question, hallTicket }), aad(ticketId, 'question'))
  const kept = await hallTables(deps.store.db)
    .insertInto('hall_ticket')
    .values({
      ticket_id: ticketId,
      hall_id: question.hallId,
      kind,
      state: 'waiting',
      question_index: deps.keys.index('subject', questionText(question)).index,
      case_id: question.caseId,
      material_code: question.materialCode,
      type_code: question.typeCode,
      blob: sealed.blob,
      key_id: sealed.keyId,
      retry_at: retryAt,
      expires_at: new Date(now.getTime() + waitsMs[kind]),
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .column('question_index')
        .where('state', '=', 'waiting')
        .doUpdateSet({ state: 'waiting' }),
    )
    .returning('ticket_id')
    .executeTakeFirstOrThrow()
  const isOlder = kept.ticket_id !== ticketId
  if (isOlder && kind === 'pending') await takeOver(deps, kept.ticket_id, ticket)
  return kept.ticket_id
}

/** A question that waited for its hall now waits for the hall's answer. */
const takeOver = async (
  deps: TicketStoreDeps,
  ticketId: string,
  { question, hallTicket, retryAt }: NewTicket,
): Promise<void> => {
  const sealed = deps.keys.seal(encodeQuestion({ question, hallTicket }), aad(ticketId, 'question'))
  await hallTables(deps.store.db)
    .updateTable('hall_ticket')
    .set({ kind: 'pending', retry_at: retryAt, blob: sealed.blob, key_id: sealed.keyId })
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'back_fetch')
    .execute()
}

/** The answer and its event are one commit: whoever sees the one sees the other. */
const settleTicket = async (
  deps: TicketStoreDeps,
  ticketId: string,
  outcome: CollectOutcome,
): Promise<void> => {
  const now = deps.clock.now()
  const sealed = deps.keys.seal(encodeOutcome(outcome), aad(ticketId, 'result'))
  await inTransaction(deps.store, async (tx) => {
    const row = await hallTables(tx)
      .updateTable('hall_ticket')
      .set({
        state: 'done',
        result_blob: sealed.blob,
        result_key_id: sealed.keyId,
        settled_at: now,
        lease_until: null,
        lease_by: null,
      })
      .where('ticket_id', '=', ticketId)
      .where('state', '=', 'waiting')
      .returningAll()
      .executeTakeFirst()
    if (row !== undefined) await keepHallEvent(tx, deps.random, eventOf(row, outcome.state, now))
  })
}

const listOfCase = async (
  deps: TicketStoreDeps,
  caseId: string,
): Promise<readonly CaseTicket[]> => {
  const rows = await hallTables(deps.store.db)
    .selectFrom('hall_ticket')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('created_at')
    .orderBy('ticket_id')
    .limit(500)
    .execute()
  return rows.map((row) => ({
    ...viewOf(deps, row),
    materialCode: row.material_code,
    hallId: row.hall_id,
  }))
}
