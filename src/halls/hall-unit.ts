import type { Clock } from '../contract/clock.ts'
import { Breaker } from './breaker.ts'
import { makeCallGate, type CallGate } from './call-gate.ts'
import { failed, type Failed, type HallAdapter } from './hall-contract.ts'
import { isFailed, HallRecord, type HallLog, type HallTransition } from './hall-record.ts'
import type { HallSpec } from './hall-spec.ts'
import { makeLatencyWindow, type LatencyWindow } from './latency-window.ts'
import { openDeadline, raceDeadline } from './race-deadline.ts'
import { serviceDayOf } from './service-calendar.ts'

export type UnitDeps = {
  readonly clock: Clock
  readonly elapsedMs: () => number
  readonly log: HallLog
  readonly onChange: () => void
  readonly announce: (transition: HallTransition) => void
}

/** One connected hall with everything that is known about it. */
export type HallUnit = {
  readonly spec: HallSpec
  readonly adapter: HallAdapter
  readonly clock: Clock
  readonly elapsedMs: () => number
  readonly breaker: Breaker
  readonly gate: CallGate
  readonly latency: LatencyWindow
  readonly record: HallRecord
}

export const makeHallUnit = (spec: HallSpec, adapter: HallAdapter, deps: UnitDeps): HallUnit => {
  const { clock, elapsedMs } = deps
  const breaker = new Breaker({ elapsedMs })
  const gate = makeCallGate(spec.limits.maxInFlight, spec.limits.maxQueued)
  const latency = makeLatencyWindow(elapsedMs)
  const { slowMs } = spec.limits
  const record = new HallRecord({ hallId: spec.hallId, slowMs, breaker, latency, ...deps })
  return { spec, adapter, clock, elapsedMs, breaker, gate, latency, record }
}

export type CallRequest = {
  readonly requestId: string
  readonly signal: AbortSignal
  readonly callerId: string
  /** What is asked about, where the answer depends on it; told to nobody. */
  readonly about?: string
}
type Outcome = { readonly state: string; readonly retryAt?: Date }
type Run<Value extends Outcome> = (signal: AbortSignal) => Promise<Value | Failed>

/**
 * One call of the contract under calendar, breaker, cap and deadline. Never rejects: an adapter that
 * throws is a bug, answered as `malformed` with the place of the bug in the log.
 */
export const callHall = async <Value extends Outcome>(
  unit: HallUnit,
  request: CallRequest,
  run: Run<Value>,
): Promise<Value | Failed> => {
  const outage = outageNow(unit)
  if (outage !== undefined) return outage
  const admitted = unit.breaker.admit()
  if (admitted === 'refuse') return refusedByBreaker(unit)
  const place = await unit.gate.enter(request.signal, request.callerId)
  if (typeof place !== 'string') return callInside(unit, request, run, place)
  if (admitted === 'trial') unit.breaker.trialEnded()
  return place === 'aborted' ? failed('timeout', 'queue_wait') : failed('busy', place)
}

/** Why no call may be made now. */
const outageNow = ({ spec, clock, record }: HallUnit): Failed | undefined => {
  const now = clock.now()
  const { outage } = serviceDayOf(spec.calendar, now, clock.cityDate())
  if (outage !== undefined)
    return failed('maintenance', `calendar_${outage.kind}`, { retryAt: outage.until })
  const until = record.notes().maintenanceUntil
  return until !== undefined && until > now
    ? failed('maintenance', 'said_by_hall', { retryAt: until })
    : undefined
}

const refusedByBreaker = ({ clock, breaker }: HallUnit): Failed => {
  const retryAt = new Date(clock.now().getTime() + breaker.retryInMs())
  return failed('unreachable', 'breaker_open', { retryAt })
}

const callInside = async <Value extends Outcome>(
  unit: HallUnit,
  { requestId, signal, about }: CallRequest,
  run: Run<Value>,
  release: () => void,
): Promise<Value | Failed> => {
  const { value, tookMs, thrown } = await timed(unit, run, unit.spec.limits.callMs, signal, release)
  unit.record.conclude(value, { requestId, tookMs, ...(thrown === '' ? {} : { thrown }) }, about)
  return value
}

/** A hall that does not end its call at the deadline keeps its place this long, then loses it. */
const stuckCallMs = 2_000

const timed = async <Value extends Outcome>(
  { clock, elapsedMs }: HallUnit,
  run: Run<Value>,
  callMs: number,
  parent: AbortSignal | undefined,
  release: () => void,
): Promise<{ value: Value | Failed; tookMs: number; thrown: string }> => {
  const startedMs = elapsedMs()
  const deadline = openDeadline(callMs, parent)
  let thrown = ''
  const guarded = async (): Promise<Value | Failed> => {
    try {
      return withinBounds(await run(deadline.signal), clock.now())
    } catch (error) {
      thrown = placeOf(error)
      return failed('malformed', 'adapter_threw')
    }
  }
  const work = guarded()
  const value = await raceDeadline(work, deadline.signal, () => failed('timeout', 'deadline'))
  deadline.end()
  void raceDeadline(work, AbortSignal.abort(), () => value, stuckCallMs).then(release)
  return { value, tookMs: elapsedMs() - startedMs, thrown }
}

const dayMs = 86_400_000

/** A hall does not say when we ask again beyond tomorrow: a wrong clock or digit must not end it. */
const withinBounds = <Value extends Outcome>(outcome: Value, now: Date): Value => {
  const { retryAt } = outcome
  if (retryAt === undefined) return outcome
  const asked = retryAt.getTime()
  const atMs = Number.isNaN(asked) ? now.getTime() : Math.min(asked, now.getTime() + dayMs)
  return { ...outcome, retryAt: new Date(atMs) }
}

/** Name and first own stack lines; a message may quote data and is left out. */
const placeOf = (error: unknown): string =>
  error instanceof Error
    ? [error.name, ...(error.stack ?? '').split('\n').filter(isFrame).slice(0, 3)].join(' ')
    : 'not_an_error'

const isFrame = (line: string): boolean => /^\s+at /.test(line)

/** One probe outside cap and breaker, at most 5 s; answers whether the hall is there. */
export const probeHall = async (unit: HallUnit, requestId: string): Promise<boolean> => {
  const { value, tookMs, thrown } = await timed(
    unit,
    unit.adapter.probe,
    5_000,
    undefined,
    () => undefined,
  )
  unit.record.concludeProbe(value, { requestId, tookMs, ...(thrown === '' ? {} : { thrown }) })
  return !isFailed(value)
}
