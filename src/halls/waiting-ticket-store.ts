import type { DataKeys } from '../store/data-keys.ts'
import { hallTables, type HallDb } from './hall-tables-store.ts'
import type { HallQuestion } from './hall-tickets.ts'
import { questionText } from './question-text.ts'

/** During a change of data keys a question may wait under the previous one. */
export const findWaitingUnderPrevious = async (
  {
    store,
    keys,
  }: { readonly store: { readonly db: HallDb }; readonly keys: Pick<DataKeys, 'indexAll'> },
  question: HallQuestion,
): Promise<string | undefined> => {
  const [, ...previous] = keys.indexAll('subject', questionText(question))
  if (previous.length === 0) return undefined
  const row = await hallTables(store.db)
    .selectFrom('hall_ticket')
    .select('ticket_id')
    .where(
      'question_index',
      'in',
      previous.map(({ index }) => index),
    )
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return row?.ticket_id
}
