import { isCalendarDay } from './calendar-day.ts'

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const checkCharacters = '10X98765432'

/** GB 11643 check character of a resident id's first 17 digits. */
export const residentIdCheck = (first17: string): string => {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17.charAt(at)), 0)
  return checkCharacters.charAt(sum % 11)
}

/** True for 18 characters with a possible day of birth and the right check character. */
export const isResidentId = (id: string): boolean =>
  /^[0-9]{17}[0-9X]$/.test(id) && residentIdCheck(id) === id.charAt(17) && hasBirthDay(id)

/** The 18-character form of an old 15-digit number, whose holder was born in the 1900s. */
export const lengthenResidentId = (id: string): string => {
  const first17 = `${id.slice(0, 6)}19${id.slice(6)}`
  return first17 + residentIdCheck(first17)
}

/** True for the form of the old numbers, 15 digits. */
export const isShortResidentId = (id: string): boolean => /^[0-9]{15}$/.test(id)

const hasBirthDay = (id: string): boolean =>
  isCalendarDay(`${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`)
