import type { CandidateSummary, HallFailure } from '../halls/collect-licence.ts'
import type { RejectReason } from '../halls/hall-contract.ts'
import type { HallConnection } from '../halls/hall-connection.ts'
import type { HallAnswer } from './hall-answer.ts'
import { type HallNote, type Judgement, unusable } from './judge-material.ts'
import type { MaterialReason, MaterialState } from './material-state.ts'

type Hall = Pick<HallConnection, 'hallId' | 'nameZh'>

/** What a hall's answer alone means for a material. Pure. */
export const judgeHallAnswer = (hall: Hall, answer: HallAnswer): Judgement => {
  const note = { hallId: hall.hallId, nameZh: hall.nameZh }
  switch (answer.state) {
    case 'found':
      return judgeFound(note, answer)
    case 'none':
      return answer.because === 'name_unreadable'
        ? of('not_found', 'hall_name_unreadable', note)
        : of('not_found', 'no_record', note)
    case 'pending': {
      const { retryAt, tickets } = answer
      return of('pending', 'hall_pending', { ...note, retryAt, tickets })
    }
    case 'failed':
      return judgeFailure(note, answer.failure, answer.tickets)
  }
}

const of = (state: MaterialState, reason: MaterialReason, hall: HallNote): Judgement => ({
  state,
  reason,
  licences: [],
  hall,
})

const judgeFound = (
  note: HallNote,
  { candidates, collected }: Extract<HallAnswer, { readonly state: 'found' }>,
): Judgement => {
  const active = candidates.filter(({ status }) => status === 'active')
  if (active.length > 1) {
    return of('ambiguous', 'several_valid', { ...note, candidates: active })
  }
  if (active.length === 1) {
    const content = collected === undefined ? {} : { collected }
    return of('available', 'at_hall', { ...note, candidates: active, ...content })
  }
  return judgeEnded(note, candidates)
}

const judgeEnded = (note: HallNote, candidates: readonly CandidateSummary[]): Judgement => {
  for (const [status, state, reason] of unusable) {
    const ended = candidates.find((candidate) => candidate.status === status)
    if (ended !== undefined) return of(state, reason, { ...note, candidates: [ended] })
  }
  return of('not_found', 'no_record', note)
}

const judgeFailure = (
  note: HallNote,
  { kind, cause, reason, since, retryAt }: HallFailure,
  tickets: readonly string[],
): Judgement => {
  const known = { ...note, cause: `${kind}:${cause}` }
  if (kind === 'rejected' && reason !== undefined) return of(...rejections[reason], known)
  return of('source_down', `hall_${kind}`, {
    ...known,
    ...(since === undefined ? {} : { since }),
    ...(retryAt === undefined ? {} : { retryAt }),
    tickets,
  })
}

/** A hall that refused in its own words has answered; only an application that ran out is made anew. */
const rejections: Readonly<Record<RejectReason, readonly [MaterialState, MaterialReason]>> = {
  sealed: ['forbidden', 'hall_not_provided'],
  not_permitted: ['forbidden', 'hall_not_permitted'],
  operator_unknown: ['forbidden', 'hall_operator_unknown'],
  type_not_offered: ['not_connected', 'hall_type_not_offered'],
  parameters: ['not_found', 'hall_parameters'],
  expired: ['source_down', 'hall_expired'],
}
