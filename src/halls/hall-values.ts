import { isCalendarDay, isCalendarMonth, readLastDay } from '../licences/calendar-day.ts'
import { foldName } from '../licences/fold-name.ts'
import { toHalfWidth } from '../licences/half-width.ts'
import { isShortResidentId, lengthenResidentId } from '../licences/resident-id.ts'

/** A number or code: half-width, trimmed, the Chinese square brackets of certificates made round. */
export const foldNumber = (value: string): string =>
  toHalfWidth(value).trim().replaceAll('〔', '(').replaceAll('〕', ')')

/** One writing for every holder code whose kind is not known: width, case, old 15-digit numbers. */
export const foldAnyHolderId = (id: string): string => {
  const folded = foldNumber(id).toUpperCase()
  return isShortResidentId(folded) ? lengthenResidentId(folded) : folded
}

export const sameHolderId = (one: string, other: string): boolean =>
  foldAnyHolderId(one) === foldAnyHolderId(other)

/** Compares names as a clerk would: width, spaces and the several middle dots do not matter. */
export const sameName = (one: string, other: string): boolean => foldName(one) === foldName(other)

/**
 * True when `stored` is what a narrow character set left of `name`: equal but for `?` or U+FFFD where
 * the name has a character that GBK may lack.
 */
export const isUnreadableName = (stored: string, name: string): boolean => {
  const kept = Array.from(foldName(stored))
  const asked = Array.from(foldName(name))
  const isLost = (character: string): boolean => character === '?' || character === '\uFFFD'
  return (
    kept.length === asked.length &&
    kept.some(isLost) &&
    kept.every((character, at) => character === asked[at] || isLost(character))
  )
}

const dateForms = [
  /^(\d{4})(\d{2})(\d{2})(?:\d{6})?$/,
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/,
  /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/,
  /^(\d{4})\.(\d{1,2})\.(\d{1,2})$/,
  /^(\d{4})年(\d{1,2})月(\d{1,2})日$/,
]

const two = (part: string): string => part.padStart(2, '0')

/** A calendar day in any of the forms that departments write, also with a time of day, as `YYYY-MM-DD`; undefined if it is none. */
export const parseHallDate = (value: string): string | undefined => {
  const folded = toHalfWidth(value).trim()
  for (const form of dateForms) {
    const [, year, month, day] = form.exec(folded) ?? []
    if (year === undefined || month === undefined || day === undefined) continue
    const text = `${year}-${two(month)}-${two(day)}`
    return isCalendarDay(text) ? text : undefined
  }
  return undefined
}

/** A month (`201810`, `2018-10`, `2018年10月`, `2018/10`) as `YYYY-MM`; undefined if it is none. */
export const parseHallMonth = (value: string): string | undefined => {
  const match = /^(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))$/.exec(toHalfWidth(value).trim())
  const month = match?.[2] ?? match?.[3]
  if (match?.[1] === undefined || month === undefined) return undefined
  const text = `${match[1]}-${two(month)}`
  return isCalendarMonth(text) ? text : undefined
}

/** End of validity: null for the many ways to write "none", undefined if the text is no date. */
export const parseHallEnd = (value: string): string | null | undefined =>
  readLastDay(value) === null ? null : parseHallDate(value)
