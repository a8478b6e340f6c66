import type { LicenceType } from '../catalogue/licence-type.ts'
import type { Licence } from '../licences/licence.ts'
import type { Judgement } from './judge-material.ts'

/**
 * Whether stock answers for itself: `enough`, or its hall is to be asked because stock holds nothing
 * (`missing`), nothing in force (`ended`), or a status older than the type allows (`old`).
 */
export type StockStanding = 'enough' | 'missing' | 'ended' | 'old'

const endedStates = ['expired', 'suspended', 'revoked', 'not_found'] as const

export const stockStanding = (
  { state, reason, licences }: Judgement,
  { maxStatusAgeDays }: Pick<LicenceType, 'maxStatusAgeDays'>,
  now: Date,
): StockStanding => {
  if (state === 'not_found' && reason === 'no_record') return 'missing'
  if (state === 'available' || state === 'ambiguous')
    return licences.some((licence) => isOld(licence, maxStatusAgeDays, now)) ? 'old' : 'enough'
  return endedStates.some((ended) => ended === state) && licences.length > 0 ? 'ended' : 'enough'
}

const dayMs = 86_400_000

const isOld = ({ statusAsOf }: Licence, maxDays: number | null, now: Date): boolean =>
  maxDays !== null && now.getTime() - statusAsOf.getTime() > maxDays * dayMs
