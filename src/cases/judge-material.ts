import type { Material } from '../catalogue/service-item.ts'
import type { CityDate } from '../contract/clock.ts'
import type { CandidateSummary } from '../halls/collect-licence.ts'
import type { HallLicence } from '../halls/hall-contract.ts'
import type { LicenceStatus } from '../licences/licence.ts'
import type { FoundLicence } from '../licences/licence-store.ts'
import { licenceState } from '../licences/licence-state.ts'
import type { MaterialReason, MaterialState } from './material-state.ts'

/** The law or an open objection keeps a paper from being used. */
export type Hold = 'sealed' | 'disputed'

/** What is known about one material of a case when it is judged. */
export type MaterialFacts = {
  readonly material: Material
  readonly needed: boolean
  readonly granted: boolean
  readonly ownerKnown: boolean
  /** The owner counts as the applicant, or the case holds that party's consent. */
  readonly mayBeSeen: boolean
  /** For a third party's paper: whether number and address that the clerk supplied agree with one. */
  readonly matched?: boolean
  readonly hold?: Hold | undefined
  /** Licences of the type that name the owner as a holder; names already compared. */
  readonly licences: readonly FoundLicence[]
}

/** A state as a value; `licences` holds one for `available`, all candidates for `ambiguous`. */
export type Judgement = {
  readonly state: MaterialState
  readonly reason: MaterialReason
  readonly licences: readonly FoundLicence[]
  /** What its hall has to do with it, where one was asked or stands behind the stock. */
  readonly hall?: HallNote
}

/** A hall's part in a judgement. Times are instants. */
export type HallNote = {
  readonly hallId: string
  readonly nameZh: string
  /** The hall's papers to which the state applies; one for `available`, all for `ambiguous`. */
  readonly candidates?: readonly CandidateSummary[]
  readonly collected?: HallLicence
  /** Since when the hall has been away, and when it is asked again. */
  readonly since?: Date
  readonly retryAt?: Date
  /** Tickets whose answers complete the material. */
  readonly tickets?: readonly string[]
  /** Why there is no answer: a code for the evidence. */
  readonly cause?: string
  /** The hall has just confirmed the copy in stock. */
  readonly confirmedAt?: Date
  /** A copy in stock that is offered while its hall is away, and the type's rule that permits it. */
  readonly copy?: { readonly asOf: string; readonly sourceState: string; readonly rule: string }
  /** Stock and hall disagree: who was believed, about what they differ. */
  readonly differs?: { readonly believed: 'stock' | 'hall'; readonly about: readonly string[] }
}

/** Judges one material on the city's day from stock alone. Pure. */
export const judgeMaterial = (facts: MaterialFacts, cityDate: CityDate): Judgement => {
  const { material } = facts
  if (!facts.needed) return bare('not_needed', 'condition_not_met')
  if (material.source === 'self') return bare('self_supplied', 'made_by_applicant')
  if (material.typeCode === null) return bare('not_connected', 'source_not_connected')
  if (!facts.granted) return bare('forbidden', 'no_grant')
  if (!facts.ownerKnown) return bare('not_found', 'related_subject_missing')
  if (!facts.mayBeSeen) return judgeThirdParty(facts.matched)
  // Why a record is sealed, or that it is, is nobody's business.
  if (facts.hold === 'sealed') return bare('forbidden', 'no_grant')
  if (facts.hold === 'disputed') return bare('disputed', 'objection_open')
  return judgeLicences(facts.licences, cityDate)
}

/** Match or no-match, and a mismatch is the same as absence; nothing of the licence is handed on. */
const judgeThirdParty = (matched: boolean | undefined): Judgement => {
  if (matched === undefined) return bare('consent_required', 'third_party')
  return matched ? bare('available', 'matched') : bare('not_found', 'no_record')
}

const judgeLicences = (licences: readonly FoundLicence[], cityDate: CityDate): Judgement => {
  const states = licences.map((licence) => ({ licence, state: licenceState(licence, cityDate) }))
  const active = states.filter(({ state }) => state === 'active').map(({ licence }) => licence)
  if (active.length > 1) return { state: 'ambiguous', reason: 'several_valid', licences: active }
  if (active.length === 1) return { state: 'available', reason: 'in_stock', licences: active }
  for (const [status, state, reason] of unusable) {
    const found = states.find((candidate) => candidate.state === status)
    if (found !== undefined) return { state, reason, licences: [found.licence] }
  }
  return bare('not_found', 'no_record')
}

/** The most telling state first: what the clerk should hear when no licence can be used. */
export const unusable = [
  ['suspended', 'suspended', 'status_suspended'],
  ['expired', 'expired', 'past_valid_to'],
  ['revoked', 'revoked', 'status_revoked'],
  ['cancelled', 'revoked', 'status_cancelled'],
  ['void_error', 'revoked', 'status_void_error'],
  ['not_yet_active', 'not_found', 'not_yet_active'],
  ['transferred_out', 'not_found', 'transferred_out'],
  ['changed', 'not_found', 'superseded'],
] as const satisfies readonly (readonly [LicenceStatus, MaterialState, MaterialReason])[]

const bare = (state: MaterialState, reason: MaterialReason): Judgement => ({
  state,
  reason,
  licences: [],
})
