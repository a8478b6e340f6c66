import type {
  CandidateSummary,
  CollectOutcome,
  FindSummary,
  HallFailure,
} from '../halls/collect-licence.ts'
import { summariseCandidate } from '../halls/collect-licence.ts'
import type { CityDate } from '../contract/clock.ts'
import type { HallLicence, None } from '../halls/hall-contract.ts'

/** What a hall knows about one material, whoever of its owners was asked for. */
export type HallAnswer =
  | {
      readonly state: 'found'
      readonly candidates: readonly CandidateSummary[]
      /** The content, where it was asked for and one paper is in force. */
      readonly collected?: HallLicence
    }
  | { readonly state: 'none'; readonly because: None['because'] }
  | { readonly state: 'pending'; readonly retryAt: Date; readonly tickets: readonly string[] }
  | {
      readonly state: 'failed'
      readonly failure: HallFailure
      /** Questions that are asked again when the hall is back. */
      readonly tickets: readonly string[]
    }

/** One outcome of the dispatcher in this room's words; a hall that lacks the type has rejected it. */
export const hallAnswerOf = (
  outcome: FindSummary | CollectOutcome,
  cityDate: CityDate,
): HallAnswer => {
  switch (outcome.state) {
    case 'found':
    case 'ambiguous':
      return { state: 'found', candidates: outcome.candidates }
    case 'withheld':
      return { state: 'found', candidates: [outcome.candidate] }
    case 'collected': {
      const { licence, candidateId } = outcome
      const summary = summariseCandidate({ ...licence, ref: '' }, cityDate, () => candidateId)
      return { state: 'found', candidates: [summary], collected: licence }
    }
    case 'none':
      return { state: 'none', because: outcome.because }
    case 'pending':
      return { state: 'pending', retryAt: outcome.retryAt, tickets: [outcome.ticketId] }
    case 'failed':
      return { state: 'failed', failure: outcome, tickets: ticketsOf(outcome) }
    case 'not_connected':
      return { state: 'failed', failure: notOffered, tickets: [] }
  }
}

const notOffered: HallFailure = {
  state: 'failed',
  kind: 'rejected',
  cause: 'type_not_connected',
  reason: 'type_not_offered',
}

const ticketsOf = ({ ticketId }: HallFailure): readonly string[] =>
  ticketId === undefined ? [] : [ticketId]

/** The answers about all owners of one material as one; what can be used outweighs what is missing. */
export const mergeHallAnswers = (answers: readonly HallAnswer[]): HallAnswer => {
  const found = answers.filter((answer) => answer.state === 'found')
  const candidates = found.flatMap((answer) => answer.candidates)
  const papers: HallAnswer = { state: 'found', candidates, ...collectedOf(found) }
  if (candidates.some(({ status }) => status === 'active')) return papers
  const pending = answers.filter((answer) => answer.state === 'pending')
  const failed = answers.filter((answer) => answer.state === 'failed')
  const tickets = [...pending, ...failed].flatMap((answer) => answer.tickets)
  const [waiting] = pending
  if (waiting !== undefined) return { ...waiting, tickets }
  const [failure] = failed
  if (failure !== undefined) return { ...failure, tickets }
  if (candidates.length > 0) return papers
  const unreadable = answers.find(
    (answer) => answer.state === 'none' && answer.because === 'name_unreadable',
  )
  return unreadable ?? answers[0] ?? { state: 'none', because: 'absent' }
}

type Found = Extract<HallAnswer, { readonly state: 'found' }>

/** Content counts only where it is the one paper in force: among several the clerk chooses. */
const collectedOf = (found: readonly Found[]): { readonly collected?: HallLicence } => {
  const active = found.flatMap((answer) =>
    answer.candidates.filter(({ status }) => status === 'active'),
  )
  const [content] = found.flatMap(({ collected }) => (collected === undefined ? [] : [collected]))
  return active.length === 1 && content !== undefined ? { collected: content } : {}
}
