import type { LicenceType } from '../catalogue/licence-type.ts'
import type { Clock } from '../contract/clock.ts'
import type { CandidateSummary } from '../halls/collect-licence.ts'
import type { HallConnection } from '../halls/hall-connection.ts'
import { offerStale } from '../halls/offer-stale.ts'
import { type PaperFacts, preferNewer } from '../halls/prefer-newer.ts'
import type { Licence } from '../licences/licence.ts'
import { licenceState } from '../licences/licence-state.ts'
import type { HallAnswer } from './hall-answer.ts'
import { judgeHallAnswer } from './judge-hall-answer.ts'
import type { HallNote, Judgement } from './judge-material.ts'
import type { StockStanding } from './stock-standing.ts'

export type WeighFacts = {
  readonly hall: Pick<HallConnection, 'hallId' | 'nameZh'>
  readonly type: LicenceType
  readonly clock: Clock
  /** Last four characters of the numbers of the stock's licences, by licence id. */
  readonly tails: ReadonlyMap<string, string>
}

/** What stock and hall together mean for a material. Pure. */
export const weighHallAnswer = (
  stock: Judgement,
  standing: StockStanding,
  answer: HallAnswer,
  facts: WeighFacts,
): Judgement => {
  const byHall = judgeHallAnswer(facts.hall, answer)
  if (standing === 'ended') return weighEnded(stock, byHall, facts)
  if (standing === 'old') return weighOld(stock, byHall, answer, facts)
  return byHall
}

/** A third party's paper: match, or the very same as absence; only a hall that is away shows as such. */
export const weighMatch = (
  stock: Judgement,
  hall: WeighFacts['hall'],
  answer: HallAnswer,
): Judgement => {
  if (answer.state === 'found') return { state: 'available', reason: 'matched', licences: [] }
  return answer.state === 'failed' ? judgeHallAnswer(hall, answer) : stock
}

/** An end in stock stands until the hall shows a newer paper. */
const weighEnded = (stock: Judgement, byHall: Judgement, facts: WeighFacts): Judgement => {
  if (byHall.state === 'ambiguous') return byHall
  if (byHall.state !== 'available') return stock
  const [licence] = stock.licences
  const [candidate] = byHall.hall?.candidates ?? []
  if (licence === undefined || candidate === undefined) return byHall
  if (!isSamePaper(licence, candidate, facts)) return byHall
  return believe(stock, byHall, preferNewer(factsOf(licence, facts), candidate))
}

const weighOld = (
  stock: Judgement,
  byHall: Judgement,
  answer: HallAnswer,
  facts: WeighFacts,
): Judgement => {
  if (answer.state === 'failed') return offerCopy(stock, byHall, facts)
  if (answer.state === 'pending') return byHall
  if (answer.state === 'none') return withDifference(byHall, 'hall', ['absent'])
  const active = answer.candidates.filter(({ status }) => status === 'active')
  const pairs = stock.licences.map((licence) => ({
    licence,
    candidate: active.find((one) => isSamePaper(licence, one, facts)),
  }))
  const preferences = pairs.flatMap(({ licence, candidate }) =>
    candidate === undefined ? [] : [preferNewer(factsOf(licence, facts), candidate)],
  )
  const isEach = preferences.length === pairs.length && active.length === pairs.length
  if (isEach && preferences.every(({ differs }) => differs.length === 0))
    return { ...stock, hall: { ...facts.hall, confirmedAt: facts.clock.now() } }
  const [only] = preferences
  if (isEach && preferences.length === 1 && only !== undefined) return believe(stock, byHall, only)
  return withDifference(byHall, 'hall', ['status'])
}

const believe = (
  stock: Judgement,
  byHall: Judgement,
  { source, differs }: ReturnType<typeof preferNewer>,
): Judgement => {
  if (source === 'hall') return withDifference(byHall, 'hall', differs)
  const { hallId, nameZh } = byHall.hall ?? { hallId: '', nameZh: '' }
  return withDifference({ ...stock, hall: { hallId, nameZh } }, 'stock', differs)
}

const withDifference = (
  judgement: Judgement,
  believed: 'stock' | 'hall',
  about: readonly string[],
): Judgement =>
  judgement.hall === undefined || about.length === 0
    ? judgement
    : { ...judgement, hall: { ...judgement.hall, differs: { believed, about } } }

/** The hall is away: an older copy may be offered as such, if the type has a rule for it. */
const offerCopy = (stock: Judgement, byHall: Judgement, facts: WeighFacts): Judgement => {
  const { type, clock } = facts
  const oldest = oldestOf(stock.licences)
  const { hall } = byHall
  if (type.maxOfferAgeDays === null || oldest === undefined || hall === undefined) return byHall
  const failure = {
    kind: hall.cause?.startsWith('maintenance') === true ? 'maintenance' : 'unreachable',
  } as const
  const allowed = { rule: 'max_offer_age', days: type.maxOfferAgeDays } as const
  const offer = offerStale(oldest.statusAsOf, allowed, failure, clock.now())
  if (offer.state === 'source_down') return byHall
  const copy = { asOf: offer.asOf, sourceState: offer.sourceState, rule: offer.rule }
  if (stock.state === 'ambiguous') return { ...stock, hall: { ...hall, copy } }
  return { ...stock, state: 'stale', reason: 'older_than_allowed', hall: { ...hall, copy } }
}

/** A copy within its age whose hall is away at the moment says so, and which rule permits it. */
export const noteAbsence = (
  stock: Judgement,
  { hallId, nameZh, away }: HallConnection,
  { maxStatusAgeDays }: Pick<LicenceType, 'maxStatusAgeDays'>,
  clock: Clock,
): Judgement => {
  const oldest = oldestOf(stock.licences)
  if (away === undefined || oldest === undefined) return stock
  if (stock.state !== 'available' && stock.state !== 'ambiguous') return stock
  const failure = {
    kind: away.sourceState === 'maintenance' ? 'maintenance' : 'unreachable',
  } as const
  const allowed = { rule: 'max_status_age', days: maxStatusAgeDays } as const
  const offer = offerStale(oldest.statusAsOf, allowed, failure, clock.now())
  if (offer.state === 'source_down') return stock
  const { asOf, sourceState, rule } = offer
  const hall: HallNote = { hallId, nameZh, copy: { asOf, sourceState, rule } }
  return { ...stock, hall }
}

const oldestOf = (licences: readonly Licence[]): Licence | undefined =>
  licences.reduce<Licence | undefined>(
    (oldest, licence) =>
      oldest === undefined || licence.statusAsOf < oldest.statusAsOf ? licence : oldest,
    undefined,
  )

const factsOf = (licence: Licence, { clock }: WeighFacts): PaperFacts => ({
  version: licence.version,
  issuedAt: licence.issuedAt,
  validTo: licence.validTo,
  status: licenceState(licence, clock.cityDate()),
})

const isSamePaper = (
  { licenceId }: Licence,
  { numberTail }: CandidateSummary,
  { type, tails }: WeighFacts,
): boolean => type.singleInstance || tails.get(licenceId) === numberTail
