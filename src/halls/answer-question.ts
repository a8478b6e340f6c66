import { askHall, findAt, type Asking } from './ask-hall.ts'
import { candidateIdFrom } from './candidate-id.ts'
import {
  currentCandidates,
  summariseCandidate,
  type CandidateSummary,
  type CollectOutcome,
  type FindSummary,
  type HallFailure,
  type PendingTicket,
} from './collect-licence.ts'
import { collectOutcome, type RawCollect } from './collect-outcome.ts'
import type { DispatcherRoom } from './dispatcher-room.ts'
import { failed, type Failed, type FailureKind, type Pending } from './hall-contract.ts'
import type { HallQuestion, NewTicket, TicketView } from './hall-tickets.ts'
import type { HallUnit } from './hall-unit.ts'
import { retryAtOf } from './hall-view.ts'

const candidateIdOf =
  ({ indexOf }: DispatcherRoom) =>
  ({ caseId, hallId, typeCode }: HallQuestion, ref: string): string =>
    candidateIdFrom(indexOf(JSON.stringify(['hall-candidate', caseId, hallId, typeCode, ref])))

/** Existence only: what the hall has, without content. */
export const summariseQuestion = async (
  room: DispatcherRoom,
  unit: HallUnit,
  question: HallQuestion,
  asking: Asking,
): Promise<FindSummary> => {
  const ticket = await room.tickets.find(question)
  if (ticket !== undefined && isAnswer(ticket)) return summaryOf(room, ticket)
  const outcome = await askHall(unit, room.flights, question, asking)
  if (outcome.state === 'pending') return keepPending(room, question, outcome, asking)
  if (outcome.state === 'failed') return dateFailure(unit, outcome)
  if (outcome.state === 'none') return outcome
  const cityDate = room.clock.cityDate()
  const candidates = currentCandidates(outcome.candidates).map((candidate) =>
    summariseCandidate(candidate, cityDate, (ref) => candidateIdOf(room)(question, ref)),
  )
  return { state: 'found', candidates }
}

/** The one paper in force with its content, or the reason why there is none. */
export const collectQuestion = async (
  room: DispatcherRoom,
  unit: HallUnit,
  question: HallQuestion,
  asking: Asking,
  chosenId?: string,
): Promise<CollectOutcome> => {
  const ticket = chosenId === undefined ? await room.tickets.find(question) : undefined
  if (ticket !== undefined && isAnswer(ticket)) return outcomeOf(ticket)
  const found = await askHall(unit, room.flights, question, asking)
  const outcome = await collectOutcome(collectDeps(room, unit), question, found, asking, chosenId)
  if (outcome.state === 'pending') return keepPending(room, question, outcome, asking)
  if (outcome.state === 'failed') return keepFailure(room, unit, question, { outcome, asking })
  if (ticket !== undefined) await room.tickets.settle(ticket.ticketId, outcome)
  return outcome
}

/** What a ticket's worker does; undefined while the hall may not be asked at all. */
export const resumeQuestion = async (
  room: DispatcherRoom,
  unit: HallUnit,
  question: HallQuestion,
  hallTicket: string | undefined,
  asking: Asking,
): Promise<RawCollect | undefined> => {
  if (retryAtOf(unit) !== undefined) return undefined
  const found = await findAt(unit, question, asking, hallTicket)
  return collectOutcome(collectDeps(room, unit), question, found, asking)
}

const collectDeps = (room: DispatcherRoom, unit: HallUnit) => ({
  unit,
  cityDate: room.clock.cityDate(),
  candidateIdOf: candidateIdOf(room),
})

/** A ticket that answers the question by itself; one that waits for a hall to recover does not. */
const isAnswer = ({ state, kind }: TicketView): boolean =>
  state === 'done' || (state === 'waiting' && kind === 'pending')

const outcomeOf = (ticket: TicketView): CollectOutcome =>
  ticket.outcome ?? { state: 'pending', ticketId: ticket.ticketId, retryAt: ticket.retryAt }

const summaryOf = (room: DispatcherRoom, ticket: TicketView): FindSummary => {
  const outcome = outcomeOf(ticket)
  if (outcome.state === 'ambiguous') return { state: 'found', candidates: outcome.candidates }
  if (outcome.state === 'withheld') return { state: 'found', candidates: [outcome.candidate] }
  if (outcome.state !== 'collected') return outcome
  const { licence } = outcome
  const candidate: CandidateSummary = summariseCandidate(
    { ...licence, ref: '' },
    room.clock.cityDate(),
    () => outcome.candidateId,
  )
  return { state: 'found', candidates: [candidate] }
}

const keepPending = async (
  room: DispatcherRoom,
  question: HallQuestion,
  { ticket, retryAt }: Pending,
  asking: Asking,
): Promise<PendingTicket | HallFailure> => {
  const kept = { kind: 'pending', question, hallTicket: ticket, retryAt } as const
  const ticketId = await keepTicket(room, kept, asking)
  return ticketId === undefined
    ? { ...failed('busy', 'ticket_not_kept'), retryAt }
    : { state: 'pending', ticketId, retryAt }
}

/** Undefined where no ticket is wanted, or the database had no place for it: one answer's loss, logged. */
const keepTicket = async (
  { tickets, log }: DispatcherRoom,
  ticket: NewTicket,
  { requestId, isUnkept }: Asking,
): Promise<string | undefined> => {
  if (isUnkept === true) return undefined
  return tickets.keep(ticket).catch(() => {
    const { hallId } = ticket.question
    log({ hallId, requestId, kind: 'busy', cause: 'ticket_not_kept', tookMs: 0 })
    return undefined
  })
}

/** The hall is away for reasons that pass: the question is kept and asked again when it is back. */
const passing: readonly FailureKind[] = ['timeout', 'unreachable', 'busy', 'maintenance']

const keepFailure = async (
  room: DispatcherRoom,
  unit: HallUnit,
  question: HallQuestion,
  { outcome, asking }: { readonly outcome: Failed; readonly asking: Asking },
): Promise<HallFailure> => {
  const dated = dateFailure(unit, outcome)
  if (!passing.includes(outcome.kind)) return dated
  const retryAt = dated.retryAt ?? room.clock.now()
  const kept = { kind: 'back_fetch', question, hallTicket: undefined, retryAt } as const
  const ticketId = await keepTicket(room, kept, asking)
  return ticketId === undefined ? dated : { ...dated, ticketId }
}

const retryInMs = 10_000

const dateFailure = (unit: HallUnit, outcome: Failed): HallFailure => {
  const now = unit.clock.now()
  const isOpen = unit.breaker.state() !== 'closed'
  const retryAt = outcome.retryAt ?? retryAtOf(unit) ?? new Date(now.getTime() + retryInMs)
  return { ...outcome, since: isOpen ? unit.record.notes().changedAt : now, retryAt }
}
