import { foldName } from '../licences/fold-name.ts'
import { foldHolderId } from '../licences/normalise-holder-id.ts'
import type { HallQuestion } from './hall-tickets.ts'

/** What makes two questions one: clerk, case, hall, type and holder, however he is written. */
export const questionText = ({
  caseId,
  operator,
  hallId,
  typeCode,
  holder,
}: HallQuestion): string => {
  const { idType, id, name } = holder
  const folded = [idType, foldHolderId(idType, id), foldName(name)]
  return JSON.stringify(['hall-question', caseId, operator.id, hallId, typeCode, ...folded])
}

/** What binds a ticket's blobs to it. */
export const ticketContext = (ticketId: string, part: 'question' | 'result'): Buffer =>
  Buffer.from(`hall_ticket|${ticketId}|${part}`)
