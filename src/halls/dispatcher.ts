import type { CityDate, Clock } from '../contract/clock.ts'
import { collectQuestion, resumeQuestion, summariseQuestion } from './answer-question.ts'
import type { Asking } from './ask-hall.ts'
import { askSet } from './ask-set.ts'
import type { CollectOutcome, FindSummary } from './collect-licence.ts'
import type { RawCollect } from './collect-outcome.ts'
import {
  unitFor,
  type DispatcherRoom,
  type MaterialFinding,
  type MaterialQuery,
  type SetContext,
} from './dispatcher-room.ts'
import type { Failed, HallAdapter, Reconciliation } from './hall-contract.ts'
import type { HallLog, HallTransition } from './hall-record.ts'
import type { HallSpec } from './hall-spec.ts'
import type { HallQuestion, TicketKeeper } from './hall-tickets.ts'
import { makeHallUnit, type HallUnit } from './hall-unit.ts'
import { connectionOf, type HallConnection } from './hall-connection.ts'
import { viewHall, type HallView } from './hall-view.ts'
import { SingleFlight } from './single-flight.ts'
import { startSupervision, type Supervision } from './supervise-halls.ts'

export type DispatcherDeps = {
  readonly halls: readonly { readonly spec: HallSpec; readonly adapter: HallAdapter }[]
  readonly clock: Clock
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number
  readonly log: HallLog
  readonly tickets: TicketKeeper
  readonly announce: (transition: HallTransition) => void
  /** Keyed hash, so that a candidate's id tells nothing about its number. */
  readonly indexOf: (text: string) => Uint8Array
  readonly tickMs?: number
  readonly lookEveryMs?: number
}

/** The halls as the cases see them. Nothing here rejects for what a hall does. */
export type Dispatcher = {
  /** Existence only: candidates without content. */
  readonly findMaterials: (
    queries: readonly MaterialQuery[],
    ctx: SetContext,
  ) => Promise<readonly MaterialFinding<FindSummary>[]>
  /** With content, where exactly one paper is in force or the clerk has chosen. */
  readonly collectMaterials: (
    queries: readonly MaterialQuery[],
    ctx: SetContext,
  ) => Promise<readonly MaterialFinding<CollectOutcome>[]>
  /** A ticket's worker asks again; undefined while the hall may not be asked. */
  readonly resume: (
    question: HallQuestion,
    hallTicket: string | undefined,
    asking: Asking,
  ) => Promise<RawCollect | undefined>
  /** The hall that has a type, and whether it may be asked now; undefined where none is connected. */
  readonly connectionOf: (typeCode: string) => HallConnection | undefined
  readonly states: () => readonly HallView[]
  /** Calls back after every change, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void
  readonly reconcile: (day: CityDate) => Promise<ReadonlyMap<string, Reconciliation | Failed>>
  readonly supervise: Supervision['tick']
  readonly close: () => Promise<void>
}

export const createDispatcher = (deps: DispatcherDeps): Dispatcher => {
  const listeners = new Set<() => void>()
  const onChange = (): void => {
    for (const listener of listeners) listener()
  }
  const units = deps.halls.map(({ spec, adapter }) =>
    makeHallUnit(spec, adapter, { ...deps, onChange }),
  )
  const flights = new SingleFlight({ elapsedMs: deps.elapsedMs })
  const supervision = startSupervision(units, deps)
  const room: DispatcherRoom = { ...deps, units, flights }
  return {
    findMaterials: (queries, ctx) =>
      askSet<FindSummary>(room, queries, ctx, (unit, question, asking) =>
        summariseQuestion(room, unit, question, asking),
      ),
    collectMaterials: (queries, ctx) =>
      askSet<CollectOutcome>(room, queries, ctx, (unit, question, asking, { candidateId }) =>
        collectQuestion(room, unit, question, asking, candidateId),
      ),
    resume: async (question, hallTicket, asking) => {
      const unit = units.find(({ spec }) => spec.hallId === question.hallId)
      return unit && resumeQuestion(room, unit, question, hallTicket, asking)
    },
    connectionOf: (typeCode) => {
      const unit = unitFor(room, typeCode)
      return unit && connectionOf(unit)
    },
    states: () => units.map(viewHall),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    reconcile: (day) => reconcileHalls(units, day),
    supervise: supervision.tick,
    close: async () => {
      listeners.clear()
      await supervision.close()
      await Promise.all(units.map(({ adapter }) => adapter.close()))
    },
  }
}

/** The nightly count of every hall that keeps one. */
const reconcileHalls = async (
  units: readonly HallUnit[],
  day: CityDate,
): Promise<ReadonlyMap<string, Reconciliation | Failed>> => {
  const counted = new Map<string, Reconciliation | Failed>()
  for (const { spec, adapter } of units)
    if (adapter.reconcile !== undefined) counted.set(spec.hallId, await adapter.reconcile(day))
  return counted
}
