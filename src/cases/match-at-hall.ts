import { foldNumber } from '../licences/fold-name.ts'
import type { CollectOutcome, FindSummary, HallFailure } from '../halls/collect-licence.ts'
import type { SetContext } from '../halls/dispatcher-room.ts'
import { failed } from '../halls/hall-contract.ts'
import type { BehindStock } from './behind-stock.ts'
import type { HallAnswer } from './hall-answer.ts'
import type { HallDesk } from './hall-desk.ts'

const absent: HallAnswer = { state: 'none', because: 'absent' }
const papersMax = 5

/**
 * Whether a hall holds the very paper whose number and address a clerk read off: found without any
 * candidate, or absent. Of a paper that does not agree, or is held here or sealed there, nothing is told,
 * not even that it is there: it is asked for all the same, as the time an answer takes would tell.
 */
export const matchAtHall = async (
  halls: HallDesk,
  { entry, type }: BehindStock,
  context: SetContext,
): Promise<HallAnswer> => {
  const { onlyMatch: paper, holders, material } = entry
  if (paper === undefined) return absent
  const tail = Array.from(foldNumber(paper.number)).slice(-4).join('')
  // A kept question would be answered later, with an event: that tells what a mismatch must not tell.
  const signal = AbortSignal.timeout(context.waitMs)
  const within = { ...context, signal, isUnkept: true }
  const queries = holders.map((holder) => ({
    materialCode: material.code,
    typeCode: type.typeCode,
    holder,
  }))
  const found = await halls.findMaterials(queries, within)
  const chosen = found.flatMap(({ outcome }, at) => {
    const query = queries[at]
    if (outcome.state !== 'found' || query === undefined) return []
    return outcome.candidates
      .filter(({ status, numberTail }) => status === 'active' && numberTail === tail)
      .map(({ candidateId }) => ({ ...query, candidateId }))
  })
  const papers = await halls.collectMaterials(chosen.slice(0, papersMax), within)
  const agrees = papers.some(
    ({ outcome }) =>
      outcome.state === 'collected' && halls.agreesWith(outcome.licence, type, paper),
  )
  if (agrees && entry.hold === undefined) return { state: 'found', candidates: [] }
  const [failure] = [...found, ...papers].flatMap(({ outcome }) => unknownOf(outcome))
  return failure === undefined ? absent : { state: 'failed', failure, tickets: [] }
}

/** What was not answered is not absent: a hall that answers later only is asked again by the clerk. */
const unknownOf = (outcome: FindSummary | CollectOutcome): readonly HallFailure[] => {
  if (outcome.state === 'pending')
    return [{ ...failed('busy', 'answers_later'), retryAt: outcome.retryAt }]
  return outcome.state === 'failed' && outcome.reason !== 'sealed' ? [outcome] : []
}
