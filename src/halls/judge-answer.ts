import { isDeepStrictEqual } from 'node:util'
import {
  failed,
  none,
  type Candidate,
  type FindOutcome,
  type HallHolder,
  type HallLicence,
} from './hall-contract.ts'
import { isUnreadableName, sameHolderId, sameName } from './hall-values.ts'

/** Nobody holds more papers of one type, their history counted. */
const licencesMax = 1_000

/**
 * What the licences of one answer mean for the holder that was asked for. An answer about somebody else
 * is malformed as a whole; another name under the right code is `name_differs` and nothing of it is
 * kept; a paper sent twice counts once, two contents under one number and version are malformed.
 */
export const judgeAnswer = (licences: readonly HallLicence[], holder: HallHolder): FindOutcome => {
  if (licences.length > licencesMax) return failed('malformed', 'too_many_records')
  const named = licences.map((licence) => compareHolder(licence, holder))
  if (named.includes('another')) return failed('malformed', 'answer_for_another_holder')
  const own = licences.filter((_, at) => named[at] === 'same')
  if (own.length === 0)
    return none(
      named.includes('unreadable')
        ? 'name_unreadable'
        : named.length > 0
          ? 'name_differs'
          : 'absent',
    )
  const byNumber = new Map<string, HallLicence>()
  for (const licence of own) {
    const key = `${licence.number} ${licence.version}`
    const first = byNumber.get(key)
    if (first !== undefined && !isDeepStrictEqual(contentOf(first), contentOf(licence)))
      return failed('malformed', 'duplicate_answers_differ')
    byNumber.set(key, first ?? licence)
  }
  return { state: 'found', candidates: [...byNumber.values()].map(candidateOf) }
}

const compareHolder = (
  { holders }: HallLicence,
  asked: HallHolder,
): 'same' | 'another' | 'differs' | 'unreadable' => {
  const holder = holders.find(({ id }) => sameHolderId(id, asked.id))
  if (holder === undefined) return 'another'
  if (sameName(holder.name, asked.name)) return 'same'
  return isUnreadableName(holder.name, asked.name) ? 'unreadable' : 'differs'
}

const contentOf = (licence: HallLicence): unknown => ({ ...licence, asOf: '', rawDigest: '' })

const candidateOf = (licence: HallLicence): Candidate => ({
  ref: `${licence.number} ${licence.version}`,
  number: licence.number,
  version: licence.version,
  issuedAt: licence.issuedAt,
  validFrom: licence.validFrom,
  validTo: licence.validTo,
  status: licence.status,
  licence,
})
