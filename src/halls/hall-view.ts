import { cityTimeOf } from '../contract/clock.ts'
import type { FailureKind, HallBusiness } from './hall-contract.ts'
import type { HallUnit } from './hall-unit.ts'
import { serviceDayOf } from './service-calendar.ts'

export type HallCondition = 'up' | 'slow' | 'down' | 'maintenance'
export type HallColour = 'green' | 'amber' | 'red' | 'grey'

/** Everything that is shown about one hall: connection, calendar, the hall's own business. */
export type HallView = {
  readonly hallId: string
  readonly nameZh: string
  readonly organisationId: string
  readonly typeCodes: readonly string[]
  readonly condition: HallCondition
  readonly colour: HallColour
  /** Since when the colour has held, RFC 3339 +08:00. */
  readonly since: string
  readonly retryAt: string | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly calls: number
  readonly errors: Readonly<Record<FailureKind, number>>
  readonly inFlight: number
  readonly queued: number
  readonly lastSuccessAt: string | null
  readonly lastFailures: readonly {
    readonly at: string
    readonly requestId: string
    readonly kind: FailureKind
    readonly cause: string
  }[]
  readonly calendar: {
    readonly openNow: boolean
    readonly opens: string
    readonly closes: string
    readonly saturdays: boolean
    readonly outage: { readonly until: string; readonly reasonZh: string } | null
    readonly announced: readonly {
      readonly from: string
      readonly to: string
      readonly reasonZh: string
    }[]
  }
  readonly business: HallBusiness | null
}

export const viewHall = (unit: HallUnit): HallView => {
  const { spec, adapter, gate, latency, record } = unit
  const notes = record.notes()
  const { condition, colour } = conditionOf(unit)
  return {
    hallId: spec.hallId,
    nameZh: spec.nameZh,
    organisationId: spec.organisationId,
    typeCodes: adapter.typeCodes,
    condition,
    colour,
    since: cityTimeOf(notes.changedAt),
    retryAt: timeOrNull(retryAtOf(unit)),
    p50Ms: latency.percentile(0.5) ?? null,
    p95Ms: latency.percentile(0.95) ?? null,
    p99Ms: latency.percentile(0.99) ?? null,
    calls: notes.calls,
    errors: notes.errors,
    inFlight: gate.inFlight(),
    queued: gate.queued(),
    lastSuccessAt: timeOrNull(notes.lastSuccessAt),
    lastFailures: notes.lastFailures.map((failure) => ({ ...failure, at: cityTimeOf(failure.at) })),
    calendar: viewCalendar(unit),
    business: notes.business ?? null,
  }
}

const timeOrNull = (instant: Date | undefined): string | null =>
  instant === undefined ? null : cityTimeOf(instant)

const amber = 'amber'

const conditionOf = (
  unit: HallUnit,
): { readonly condition: HallCondition; readonly colour: HallColour } => {
  if (isInMaintenance(unit)) return { condition: 'maintenance', colour: 'grey' }
  const state = unit.breaker.state()
  if (state === 'open') return { condition: 'down', colour: 'red' }
  if (state === 'half_open') return { condition: 'slow', colour: amber }
  const p95Ms = unit.latency.percentile(0.95) ?? 0
  return p95Ms > unit.spec.limits.slowMs
    ? { condition: 'slow', colour: amber }
    : { condition: 'up', colour: 'green' }
}

export const isInMaintenance = ({ spec, clock, record }: HallUnit): boolean => {
  const now = clock.now()
  const until = record.notes().maintenanceUntil
  const { outage } = serviceDayOf(spec.calendar, now, clock.cityDate())
  return outage !== undefined || (until !== undefined && until > now)
}

/** When the next call may reach the hall; undefined while it may at once. */
export const retryAtOf = ({ spec, clock, breaker, record }: HallUnit): Date | undefined => {
  const now = clock.now()
  const { outage } = serviceDayOf(spec.calendar, now, clock.cityDate())
  if (outage !== undefined) return outage.until
  const until = record.notes().maintenanceUntil
  if (until !== undefined && until > now) return until
  if (breaker.state() !== 'open') return undefined
  return new Date(now.getTime() + breaker.retryInMs())
}

const viewCalendar = ({ spec, clock }: HallUnit): HallView['calendar'] => {
  const { opens, closes, saturdays } = spec.calendar
  const day = serviceDayOf(spec.calendar, clock.now(), clock.cityDate())
  return {
    openNow: day.openNow,
    opens,
    closes,
    saturdays,
    outage:
      day.outage === undefined
        ? null
        : { until: cityTimeOf(day.outage.until), reasonZh: day.outage.reasonZh },
    announced: day.announced.map(({ from, to, reasonZh }) => ({
      from: cityTimeOf(from),
      to: cityTimeOf(to),
      reasonZh,
    })),
  }
}
