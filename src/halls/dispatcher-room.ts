import type { Clock } from '../contract/clock.ts'
import type { HallHolder, HallOperator } from './hall-contract.ts'
import type { HallLog } from './hall-record.ts'
import type { TicketKeeper } from './hall-tickets.ts'
import type { HallUnit } from './hall-unit.ts'
import type { SingleFlight } from './single-flight.ts'

/** One material of a case, as the halls are asked for it. */
export type MaterialQuery = {
  readonly materialCode: string
  readonly typeCode: string
  readonly holder: HallHolder
  /** The clerk's choice among the candidates of an earlier answer. */
  readonly candidateId?: string
}

/** Under what a set of materials is asked; `waitMs` is one deadline for all of them. */
export type SetContext = {
  readonly requestId: string
  readonly callerId: string
  readonly caseId: string
  readonly caseNo: string
  readonly itemCode: string
  readonly operator: HallOperator
  readonly waitMs: number
  readonly signal?: AbortSignal
  /** True: no ticket is kept, so that nothing about the questions is ever told later. */
  readonly isUnkept?: boolean
}

export type MaterialFinding<Outcome> = {
  readonly materialCode: string
  readonly typeCode: string
  /** Undefined where no connected hall has this type. */
  readonly hallId: string | undefined
  readonly outcome: Outcome
  readonly askedAt: Date
  readonly tookMs: number
}

/** What the dispatcher's parts share. */
export type DispatcherRoom = {
  readonly clock: Clock
  readonly elapsedMs: () => number
  readonly tickets: TicketKeeper
  readonly log: HallLog
  /** Keyed hash, so that a candidate's id tells nothing about its number. */
  readonly indexOf: (text: string) => Uint8Array
  readonly units: readonly HallUnit[]
  readonly flights: SingleFlight
}

/** The first connected hall that has the type. */
export const unitFor = (
  { units }: Pick<DispatcherRoom, 'units'>,
  typeCode: string,
): HallUnit | undefined => units.find(({ adapter }) => adapter.typeCodes.includes(typeCode))
