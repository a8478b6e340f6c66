import { cityTimeOf } from '../contract/clock.ts'
import type { HallFailure } from './collect-licence.ts'

/** What a clerk may be offered while a hall is away: an older copy, said to be old, or the truth. */
export type StaleOffer =
  | {
      readonly state: 'stale'
      readonly asOf: string
      readonly sourceState: 'down' | 'maintenance'
      /** The type's rule that permits it. */
      readonly rule: string
    }
  | {
      readonly state: 'source_down'
      readonly since: string | null
      readonly retryAt: string | null
    }

const dayMs = 86_400_000

/**
 * @param statusAsOf of the copy in stock; undefined when stock holds none.
 * @param maxAgeDays the type's `maxStatusAgeDays`; null permits any age.
 */
export const offerStale = (
  statusAsOf: Date | undefined,
  maxAgeDays: number | null,
  failure: Pick<HallFailure, 'kind' | 'since' | 'retryAt'>,
  now: Date,
): StaleOffer => {
  const isAllowed =
    statusAsOf !== undefined &&
    (maxAgeDays === null || now.getTime() - statusAsOf.getTime() <= maxAgeDays * dayMs)
  if (!isAllowed)
    return {
      state: 'source_down',
      since: timeOrNull(failure.since),
      retryAt: timeOrNull(failure.retryAt),
    }
  return {
    state: 'stale',
    asOf: cityTimeOf(statusAsOf),
    sourceState: failure.kind === 'maintenance' ? 'maintenance' : 'down',
    rule: maxAgeDays === null ? 'max_status_age:none' : `max_status_age:${String(maxAgeDays)}d`,
  }
}

const timeOrNull = (instant: Date | undefined): string | null =>
  instant === undefined ? null : cityTimeOf(instant)
