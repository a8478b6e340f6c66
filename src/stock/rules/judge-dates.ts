import type { CityDate } from '../../contract/clock.ts'
import { isCalendarDay } from '../../licences/calendar-day.ts'
import { type Finding, quarantined } from './finding.ts'
import type { GivenRow } from './row.ts'

/** Existing days, nothing issued after today, no end before the beginning; judged in this order. */
export const judgeDates = (row: GivenRow, cityDate: CityDate): readonly Finding[] => {
  const impossible = (['issuedAt', 'validFrom', 'validTo'] as const).filter((name) => {
    const day = row[name]
    return day !== null && !isCalendarDay(day)
  })
  if (impossible.length > 0) {
    return impossible.map((name) => quarantined('date_invalid', `/${name}`, row[name]))
  }
  if (row.issuedAt > cityDate) return [quarantined('issued_in_future', '/issuedAt', row.issuedAt)]
  const { validTo } = row
  return validTo !== null && (validTo < row.issuedAt || validTo < row.validFrom)
    ? [quarantined('validity_before_issue', '/validTo', validTo)]
    : []
}
