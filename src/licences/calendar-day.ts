import { toHalfWidth } from './half-width.ts'

/** True for an existing day of the Gregorian calendar written `YYYY-MM-DD`. */
export const isCalendarDay = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  return Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month))
}

/** True for a month written `YYYY-MM`. */
export const isCalendarMonth = (text: string): boolean => isCalendarDay(`${text}-01`)

/** A day in any form that departments write, as `YYYY-MM-DD`; undefined if it is none. */
export const readCalendarDay = (text: string): string | undefined => {
  const folded = toHalfWidth(text).trim()
  for (const form of forms) {
    const [, year, month, day] = form.exec(folded) ?? []
    if (year === undefined || month === undefined || day === undefined) continue
    const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    return isCalendarDay(written) ? written : undefined
  }
  return undefined
}

/** A last valid day, null for the many ways to write "no end", undefined if it is neither. */
export const readLastDay = (text: string): string | null | undefined => {
  const folded = toHalfWidth(text).trim()
  return noEnd.has(folded) ? null : (readCalendarDay(folded) ?? undefined)
}

const forms = [
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+08:?00)?)?$/,
  /^(\d{4})(\d{2})(\d{2})(?:000000)?$/,
  /^(\d{4})年(\d{1,2})月(\d{1,2})日$/,
  /^(\d{4})\/(\d{1,2})\/(\d{1,2})(?: 0?0:00(?::00)?)?$/,
  /^(\d{4})\.(\d{1,2})\.(\d{1,2})$/,
]

const noEnd = new Set([
  '',
  '长期',
  '长期有效',
  '永久',
  '无固定期限',
  '99991231',
  '9999-12-31',
  '9999/12/31',
  '9999.12.31',
  '9999年12月31日',
])

const daysIn = (year: number, month: number): number => {
  if (month < 1 || month > 12) return 0
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
