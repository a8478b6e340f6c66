import type { HallTransition } from './hall-record.ts'
import { callHall, probeHall, type HallUnit } from './hall-unit.ts'
import { openDeadline } from './race-deadline.ts'
import { serviceDayOf } from './service-calendar.ts'

export type Supervision = {
  /** One round over all halls; the timer does it every second. */
  readonly tick: () => Promise<void>
  readonly close: () => Promise<void>
}

export type SupervisionDeps = {
  readonly announce: (transition: HallTransition) => void
  readonly tickMs?: number
  /** How often a hall's own business is read, and a quiet hall's health is looked at. */
  readonly lookEveryMs?: number
}

/** How long a half-open hall waits for a clerk's call before a call of ours is its trial. */
const trialAfterMs = 3_000

/** How often a hall is looked at that failed the last look, or gave no answer to several callers. */
const doubtEveryMs = 5_000

type Watch = {
  readonly unit: HallUnit
  lookedAtMs: number
  halfOpenAtMs: number | undefined
  isBusy: boolean
  hasFailedLook: boolean
  announcedUntilMs: number
}

/** Probes halls that are away, reads the business of those that are there. */
export const startSupervision = (
  units: readonly HallUnit[],
  { announce, tickMs = 1_000, lookEveryMs = 20_000 }: SupervisionDeps,
): Supervision => {
  const watches = units.map((unit): Watch => ({
    unit,
    lookedAtMs: unit.elapsedMs() - lookEveryMs,
    halfOpenAtMs: undefined,
    isBusy: false,
    hasFailedLook: false,
    announcedUntilMs: 0,
  }))
  const running = new Set<Promise<void>>()
  const tick = async (): Promise<void> => {
    await Promise.all(watches.map((watch) => round(watch, announce, lookEveryMs)))
  }
  const timer = setInterval(() => {
    const round = tick().finally(() => running.delete(round))
    running.add(round)
  }, tickMs)
  timer.unref()
  return {
    tick,
    close: async () => {
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}

const round = async (
  watch: Watch,
  announce: (transition: HallTransition) => void,
  lookEveryMs: number,
): Promise<void> => {
  const isOut = announceWindow(watch, announce)
  if (watch.isBusy || isOut) return
  watch.isBusy = true
  try {
    await look(watch, lookEveryMs)
  } finally {
    watch.isBusy = false
  }
}

/** A window of the calendar is announced once, when it begins. */
const announceWindow = (watch: Watch, announce: (transition: HallTransition) => void): boolean => {
  const { spec, clock } = watch.unit
  const at = clock.now()
  const { outage } = serviceDayOf(spec.calendar, at, clock.cityDate())
  if (outage === undefined) return false
  if (watch.announcedUntilMs !== outage.until.getTime())
    announce({ kind: 'hall.maintenance', hallId: spec.hallId, at, until: outage.until })
  watch.announcedUntilMs = outage.until.getTime()
  return true
}

const look = async (watch: Watch, lookEveryMs: number): Promise<void> => {
  const { unit } = watch
  const nowMs = unit.elapsedMs()
  const state = unit.breaker.state()
  if (state !== 'half_open') watch.halfOpenAtMs = undefined
  if (state === 'open' && unit.breaker.takeProbe()) await probeHall(unit, 'supervision')
  if (state === 'half_open') {
    watch.halfOpenAtMs ??= nowMs
    if (nowMs - watch.halfOpenAtMs >= trialAfterMs) await readBusiness(watch)
  }
  if (state === 'closed' && nowMs - watch.lookedAtMs >= pauseMsOf(watch, lookEveryMs))
    await readBusiness(watch)
}

const pauseMsOf = ({ unit, hasFailedLook }: Watch, lookEveryMs: number): number =>
  hasFailedLook || unit.record.isDoubted() ? Math.min(doubtEveryMs, lookEveryMs) : lookEveryMs

const dayMs = 86_400_000

/** A real call like any other: it counts for the breaker and, after a fault, may end it. */
const readBusiness = async (watch: Watch): Promise<void> => {
  const { unit } = watch
  watch.lookedAtMs = unit.elapsedMs()
  const since = new Date(unit.clock.now().getTime() - dayMs)
  const deadline = openDeadline(5_000)
  const outcome = await callHall(
    unit,
    { requestId: 'supervision', callerId: 'supervision', signal: deadline.signal },
    (signal) => unit.adapter.feed(since, signal),
  )
  deadline.end()
  watch.hasFailedLook = outcome.state === 'failed' && outcome.kind !== 'maintenance'
  if (outcome.state === 'business') unit.record.setBusiness(outcome.business)
}
