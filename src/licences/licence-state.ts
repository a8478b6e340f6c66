import type { CityDate } from '../contract/clock.ts'
import type { Licence, LicenceStatus } from './licence.ts'

/**
 * Status of a licence on a city day. An end that the department declared stays; otherwise the dates
 * decide, and a suspended licence that has run out is expired: lifting the suspension would not help.
 */
export const licenceState = (
  { status, validFrom, validTo }: Pick<Licence, 'status' | 'validFrom' | 'validTo'>,
  cityDate: CityDate,
): LicenceStatus => {
  if (status !== 'active' && status !== 'suspended') return status
  if (validTo !== null && validTo < cityDate) return 'expired'
  if (status === 'suspended') return 'suspended'
  return validFrom > cityDate ? 'not_yet_active' : 'active'
}
