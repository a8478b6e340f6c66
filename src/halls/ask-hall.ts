import { setTimeout as delay } from 'node:timers/promises'
import {
  failed,
  type Failed,
  type FindOutcome,
  type HallAdapter,
  type HallContext,
  type HallQuery,
} from './hall-contract.ts'
import type { HallQuestion } from './hall-tickets.ts'
import { callHall, type CallRequest, type HallUnit } from './hall-unit.ts'
import type { SingleFlight } from './single-flight.ts'

export type Asking = {
  readonly requestId: string
  readonly signal: AbortSignal
  /** How long the signal leaves the whole set; a second try must fit into it. */
  readonly waitMs: number
  /** True: no ticket is kept, so that nothing about the question is ever told later. */
  readonly isUnkept?: boolean
}

const retryAfterMs = 150

/** One find of one question; equal questions of the same clerk in the same case share the call. */
export const askHall = (
  unit: HallUnit,
  flights: SingleFlight,
  question: HallQuestion,
  asking: Asking,
): Promise<FindOutcome> =>
  flights.ask(
    keyOf(question),
    asking.signal,
    (signal) => findAt(unit, question, { ...asking, signal }),
    () => failed('timeout', 'deadline'),
  )

/** A find past the single flight: what a ticket's worker asks. */
export const findAt = (
  unit: HallUnit,
  question: HallQuestion,
  asking: Asking,
  ticket?: string,
): Promise<FindOutcome> => {
  const query = queryOf(question, ticket)
  return callHall(unit, requestOf(question, asking), (signal) =>
    findTwice(unit, query, contextOf(question, asking.requestId, signal), asking.waitMs),
  )
}

/** The call as hall, breaker and queue see it. */
export const requestOf = (
  { callerId, caseId, typeCode, holder }: HallQuestion,
  { requestId, signal }: Asking,
): CallRequest => ({
  requestId,
  signal,
  callerId,
  about: JSON.stringify([caseId, typeCode, holder.idType, holder.id]),
})

export const queryOf = ({ typeCode, holder }: HallQuestion, ticket?: string): HallQuery => ({
  typeCode,
  holder,
  ...(ticket === undefined ? {} : { ticket }),
})

export const contextOf = (
  question: HallQuestion,
  requestId: string,
  signal: AbortSignal,
): HallContext => {
  const { callerId, caseId, caseNo, itemCode, operator } = question
  return { signal, requestId, callerId, caseId, caseNo, itemCode, operator }
}

/** A line that broke at once is tried once more, where asking twice is no second act at the hall. */
const findTwice = async (
  { adapter, elapsedMs }: HallUnit,
  query: HallQuery,
  ctx: HallContext,
  waitMs: number,
): Promise<FindOutcome> => {
  const startedMs = elapsedMs()
  const first = await adapter.find(query, ctx)
  if (!isWorthASecondTry(first, adapter, query)) return first
  if (elapsedMs() - startedMs > waitMs / 3) return first
  const isSlept = await delay(retryAfterMs, true, { signal: ctx.signal }).catch(() => false)
  return isSlept ? adapter.find(query, ctx) : first
}

const isWorthASecondTry = (
  outcome: FindOutcome | Failed,
  adapter: HallAdapter,
  { typeCode, ticket }: HallQuery,
): boolean =>
  outcome.state === 'failed' &&
  outcome.kind === 'unreachable' &&
  (ticket !== undefined || adapter.canRepeatFind(typeCode))

const keyOf = ({ hallId, typeCode, holder, caseId, operator }: HallQuestion): string =>
  JSON.stringify([caseId, operator.id, hallId, typeCode, holder.idType, holder.id, holder.name])
