import type { Clock } from '../contract/clock.ts'
import type { RawCollect } from './collect-outcome.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Failed } from './hall-contract.ts'
import type { DueTicket } from './due-ticket-store.ts'
import type { TicketStore } from './hall-ticket-store.ts'
import { openDeadline } from './race-deadline.ts'

export type TicketWorkerDeps = {
  readonly dispatcher: Pick<Dispatcher, 'resume' | 'states'>
  readonly tickets: Pick<TicketStore, 'claimDue' | 'postpone' | 'settle' | 'expire'>
  readonly clock: Clock
  /** Names this process among those that share the database. */
  readonly node: string
  /** Told of rounds that failed as a whole, e.g. for want of the database. */
  readonly onError: (hallId: string, error: unknown) => void
  readonly pollMs?: number
}

export type TicketWorker = { readonly close: () => Promise<void> }

const askMs = 8_000
/** Longer than one asking can take, so that a lease never ends under a running call. */
const leaseMs = 30_000
const atOnce = 8
const expireEveryRounds = 120

/**
 * One loop a hall: claims the tickets whose time has come and asks again. A hall that is away is not
 * asked; its tickets wait for it. Restart-safe: a crash leaves leases that end by themselves.
 */
export const startTicketWorker = (
  deps: TicketWorkerDeps,
  hallIds: readonly string[],
): TicketWorker => {
  const stop = new AbortController()
  const loops = hallIds.map((hallId) => workHall(deps, hallId, stop.signal))
  return {
    close: async () => {
      stop.abort()
      await Promise.all(loops)
    },
  }
}

const workHall = async (
  deps: TicketWorkerDeps,
  hallId: string,
  stop: AbortSignal,
): Promise<void> => {
  for (let round = 0; !stop.aborted; round += 1) {
    try {
      if (round % expireEveryRounds === 0) await deps.tickets.expire()
      if (isThere(deps, hallId)) await workDue(deps, hallId, stop)
    } catch (error) {
      deps.onError(hallId, error)
    }
    await rest(deps.pollMs ?? 500, stop)
  }
}

const isThere = ({ dispatcher }: TicketWorkerDeps, hallId: string): boolean =>
  dispatcher.states().some((hall) => hall.hallId === hallId && hall.retryAt === null)

const workDue = async (
  deps: TicketWorkerDeps,
  hallId: string,
  stop: AbortSignal,
): Promise<void> => {
  const claim = { node: deps.node, leaseMs, limit: atOnce }
  const due = await deps.tickets.claimDue(hallId, claim)
  await Promise.all(due.map((ticket) => workTicket(deps, ticket, stop)))
}

const workTicket = async (
  deps: TicketWorkerDeps,
  ticket: DueTicket,
  stop: AbortSignal,
): Promise<void> => {
  const deadline = openDeadline(askMs, stop)
  const asking = {
    requestId: `ticket:${ticket.ticketId}`,
    signal: deadline.signal,
    waitMs: askMs,
  }
  try {
    const outcome = await deps.dispatcher.resume(ticket.question, ticket.hallTicket, asking)
    await conclude(deps, ticket, outcome)
  } finally {
    deadline.end()
  }
}

const conclude = async (
  { tickets, clock }: TicketWorkerDeps,
  ticket: DueTicket,
  outcome: RawCollect | undefined,
): Promise<void> => {
  const later = (ms: number): Date => new Date(clock.now().getTime() + ms)
  if (outcome === undefined) return tickets.postpone(ticket, later(2_000), ticket.hallTicket)
  if (outcome.state === 'pending') return tickets.postpone(ticket, outcome.retryAt, outcome.ticket)
  if (outcome.state === 'failed' && outcome.kind !== 'rejected') {
    const until = outcome.retryAt ?? later(backOffMs(ticket.attempts))
    return tickets.postpone(ticket, until, ticketAfter(ticket, outcome))
  }
  return tickets.settle(ticket.ticketId, outcome)
}

const backOffMs = (attempts: number): number => Math.min(60_000, 1_000 * 2 ** Math.min(attempts, 6))

/** An application that the hall itself gave up is made anew at the next asking. */
const ticketAfter = ({ hallTicket }: DueTicket, { cause }: Failed): string | undefined =>
  cause === 'apply_failed' || cause === 'row_stuck' ? undefined : hallTicket

const rest = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (stop.aborted) end()
    else stop.addEventListener('abort', end, { once: true })
  })
