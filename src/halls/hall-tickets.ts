import type { CollectOutcome } from './collect-licence.ts'
import type { HallHolder, HallOperator } from './hall-contract.ts'

/** One question of one clerk in one case; equal questions share one ticket. */
export type HallQuestion = {
  readonly hallId: string
  readonly typeCode: string
  readonly holder: HallHolder
  /** The case's own code of the material, told in the event. */
  readonly materialCode: string
  readonly callerId: string
  readonly caseId: string
  readonly caseNo: string
  readonly itemCode: string
  readonly operator: HallOperator
}

/** `pending`: the hall has taken the question. `back_fetch`: the hall was away and is asked again. */
export type TicketKind = 'pending' | 'back_fetch'

export type NewTicket = {
  readonly kind: TicketKind
  readonly question: HallQuestion
  /** The hall's own ticket, for `pending`. */
  readonly hallTicket: string | undefined
  readonly retryAt: Date
}

export type TicketView = {
  readonly ticketId: string
  readonly kind: TicketKind
  readonly state: 'waiting' | 'done' | 'expired'
  readonly retryAt: Date
  /** Once done. */
  readonly outcome: CollectOutcome | undefined
}

/** Where questions are kept that a hall answers later; restart-safe, shared by all nodes. */
export type TicketKeeper = {
  /** The ticket of this question that is still waited for, or whose answer came a short while ago. */
  readonly find: (question: HallQuestion) => Promise<TicketView | undefined>
  /** The same question twice keeps one ticket; answers its id. */
  readonly keep: (ticket: NewTicket) => Promise<string>
  /** Puts the answer to a ticket that is still waited for; a second answer is ignored. */
  readonly settle: (ticketId: string, outcome: CollectOutcome) => Promise<void>
}
