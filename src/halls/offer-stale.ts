import { cityTimeOf } from '../contract/clock.ts'
import type { HallFailure } from './collect-licence.ts'

/** What a clerk may be offered while a hall is away: an older copy, said to be old, or the truth. */
export type StaleOffer =
  | {
      readonly state: 'stale'
      readonly asOf: string
      readonly sourceState: 'down' | 'maintenance'
      /** The type's rule that permits it, with its days. */
      readonly rule: string
    }
  | {
      readonly state: 'source_down'
      readonly since: string | null
      readonly retryAt: string | null
    }

const dayMs = 86_400_000

/** A type's allowed age of a copy; null permits any. */
export type AllowedAge = {
  readonly rule: 'max_status_age' | 'max_offer_age'
  readonly days: number | null
}

/** @param statusAsOf of the copy in stock; undefined when stock holds none. */
export const offerStale = (
  statusAsOf: Date | undefined,
  { rule, days }: AllowedAge,
  failure: Pick<HallFailure, 'kind' | 'since' | 'retryAt'>,
  now: Date,
): StaleOffer => {
  const isAllowed =
    statusAsOf !== undefined &&
    (days === null || now.getTime() - statusAsOf.getTime() <= days * dayMs)
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
    rule: days === null ? `${rule}:none` : `${rule}:${String(days)}d`,
  }
}

const timeOrNull = (instant: Date | undefined): string | null =>
  instant === undefined ? null : cityTimeOf(instant)
