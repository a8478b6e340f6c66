import type { SealedColumn } from '../store/sealed-column.ts'
import { questionText, ticketContext } from './question-text.ts'
import { decodeQuestion } from './stored-question.ts'

const ticketColumn = {
  table: 'hall_ticket',
  key: [{ name: 'ticket_id', type: 'uuid' }],
} as const

export const ticketQuestions: SealedColumn = {
  ...ticketColumn,
  blob: 'blob',
  keyId: 'key_id',
  context: (row) => ticketContext(String(row['ticket_id']), 'question'),
  index: {
    column: 'question_index',
    of: (plaintext, keys) =>
      keys.index('subject', questionText(decodeQuestion(plaintext).question)).index,
  },
}

export const ticketResults: SealedColumn = {
  ...ticketColumn,
  blob: 'result_blob',
  keyId: 'result_key_id',
  context: (row) => ticketContext(String(row['ticket_id']), 'result'),
}
