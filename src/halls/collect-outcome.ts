import type { CityDate } from '../contract/clock.ts'
import { contextOf, queryOf, requestOf, type Asking } from './ask-hall.ts'
import {
  currentCandidates,
  summariseCandidate,
  type CandidateSummary,
  type CollectOutcome,
} from './collect-licence.ts'
import {
  none,
  type Candidate,
  type Failed,
  type FetchOutcome,
  type FindOutcome,
  type Pending,
} from './hall-contract.ts'
import type { HallQuestion } from './hall-tickets.ts'
import { callHall, type HallUnit } from './hall-unit.ts'

export type CollectDeps = {
  readonly unit: HallUnit
  readonly cityDate: CityDate
  readonly candidateIdOf: (question: HallQuestion, ref: string) => string
}

/** An outcome before tickets are kept and failures dated. */
export type RawCollect =
  | Exclude<CollectOutcome, { readonly state: 'pending' | 'failed' | 'not_connected' }>
  | Pending
  | Failed

/**
 * What a finding means for a fetch: the one paper in force with its content, a choice, or why there is
 * no content. Content of papers that are not in force is dropped.
 */
export const collectOutcome = async (
  deps: CollectDeps,
  question: HallQuestion,
  outcome: FindOutcome,
  asking: Asking,
  chosenId?: string,
): Promise<RawCollect> => {
  if (outcome.state !== 'found') return outcome
  const candidates = currentCandidates(outcome.candidates)
  const summary = (candidate: Candidate): CandidateSummary =>
    summariseCandidate(candidate, deps.cityDate, (ref) => deps.candidateIdOf(question, ref))
  const chosen =
    chosenId === undefined
      ? candidates
      : outcome.candidates.filter((candidate) => summary(candidate).candidateId === chosenId)
  const [only, ...others] = chosen
  if (only === undefined) return none('absent')
  if (others.length > 0) return { state: 'ambiguous', candidates: chosen.map(summary) }
  const { candidateId, status } = summary(only)
  if (status !== 'active') return { state: 'withheld', candidate: summary(only) }
  const content = await contentOf(deps.unit, question, only, asking)
  return content.state === 'licence'
    ? { state: 'collected', candidateId, licence: content.licence }
    : content
}

const contentOf = async (
  unit: HallUnit,
  question: HallQuestion,
  { ref, licence }: Candidate,
  asking: Asking,
): Promise<FetchOutcome> => {
  if (licence !== undefined) return { state: 'licence', licence }
  return callHall(unit, requestOf(question, asking), (signal) =>
    unit.adapter.fetch(ref, queryOf(question), contextOf(question, asking.requestId, signal)),
  )
}
