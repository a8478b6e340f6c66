import type { CityDate } from '../contract/clock.ts'
import { licenceState } from '../licences/licence-state.ts'
import type { LicenceStatus, StoredStatus } from '../licences/licence.ts'
import type { Candidate, Failed, HallLicence, None } from './hall-contract.ts'

/** A paper that a clerk may be shown in a choice: no content, no full number. */
export type CandidateSummary = {
  /** Stable within the case: the same paper gets the same id at every asking. */
  readonly candidateId: string
  readonly numberTail: string
  readonly version: string
  readonly issuedAt: string
  readonly validTo: string | null
  readonly status: LicenceStatus
}

export type PendingTicket = {
  readonly state: 'pending'
  readonly ticketId: string
  readonly retryAt: Date
}
/** A failure as the dispatcher tells it: since when the hall has been away, when it is asked again. */
export type HallFailure = Failed & { readonly since?: Date; readonly ticketId?: string }
export type NotConnected = { readonly state: 'not_connected' }

export type Collected = {
  readonly state: 'collected'
  readonly candidateId: string
  readonly licence: HallLicence
}
/** The paper is there and not in force: its content is dropped here. */
export type Withheld = { readonly state: 'withheld'; readonly candidate: CandidateSummary }
export type Ambiguous = {
  readonly state: 'ambiguous'
  readonly candidates: readonly CandidateSummary[]
}

export type CollectOutcome =
  Collected | Withheld | Ambiguous | None | PendingTicket | HallFailure | NotConnected

export type FindSummary =
  | { readonly state: 'found'; readonly candidates: readonly CandidateSummary[] }
  | None
  | PendingTicket
  | HallFailure
  | NotConnected

/** @param candidateIdOf keyed hash of hall, type and the hall's own reference, see the dispatcher. */
export const summariseCandidate = (
  candidate: Candidate,
  cityDate: CityDate,
  candidateIdOf: (ref: string) => string,
): CandidateSummary => ({
  candidateId: candidateIdOf(candidate.ref),
  numberTail: Array.from(candidate.number).slice(-4).join(''),
  version: candidate.version,
  issuedAt: candidate.issuedAt,
  validTo: candidate.validTo,
  status: licenceState(candidate, cityDate),
})

const superseded: readonly StoredStatus[] = ['changed', 'transferred_out', 'void_error']

/**
 * The papers that count: replaced and void ones only matter when there is nothing else, and of several
 * versions of one number the newest.
 */
export const currentCandidates = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const newest = candidates.filter(
    ({ number, version }) =>
      !candidates.some((other) => other.number === number && other.version > version),
  )
  const current = newest.filter(({ status }) => !superseded.includes(status))
  return current.length > 0 ? current : newest
}
