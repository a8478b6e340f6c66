/** Full-width ASCII (！ to ～) and the ideographic space become half-width; everything else stays. */
export const toHalfWidth = (value: string): string =>
  value.replace(/[\uFF01-\uFF5E\u3000]/g, (character) =>
    character === '\u3000' ? ' ' : String.fromCodePoint((character.codePointAt(0) ?? 0) - 0xfee0),
  )

/** A number or code: half-width, trimmed, the Chinese square brackets of certificates made round. */
export const foldNumber = (value: string): string =>
  toHalfWidth(value).trim().replaceAll('〔', '(').replaceAll('〕', ')')

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const checkCharacters = '10X98765432'

const toLongId = (id: string): string => {
  if (!/^\d{15}$/.test(id)) return id
  const body = `${id.slice(0, 6)}19${id.slice(6)}`
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body.charAt(at)), 0)
  return body + checkCharacters.charAt(sum % 11)
}

/** One writing for every holder code: half-width, upper case, 15-digit resident numbers made 18 (GB 11643). */
export const foldHolderId = (id: string): string => toLongId(foldNumber(id).toUpperCase())

export const sameHolderId = (one: string, other: string): boolean =>
  foldHolderId(one) === foldHolderId(other)

const foldName = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[·•・‧∙⋅.]/g, '·')
    .replace(/\s/g, '')

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

const isCalendarDay = (day: string): boolean => {
  const instant = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day)
}

/** A calendar day in any of the forms that departments write, as `YYYY-MM-DD`; undefined if it is none. */
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
  return Number(month) >= 1 && Number(month) <= 12 ? `${match[1]}-${two(month)}` : undefined
}

const noEnd = new Set(['', '长期', '99991231', '9999-12-31', '9999.12.31', '9999/12/31'])

/** End of validity: null for the many ways to write "none", undefined if the text is no date. */
export const parseHallEnd = (value: string): string | null | undefined =>
  noEnd.has(toHalfWidth(value).trim()) ? null : parseHallDate(value)
