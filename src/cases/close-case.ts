import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { forgetCaseTickets } from '../halls/hall-ticket-store.ts'
import { caseSummary } from './case-summary.ts'
import { type CaseDb, closeOpenCase } from './case-store.ts'
import { type FindCase, getVisibleCase } from './get-usable-case.ts'

export type CloseCaseDeps = {
  readonly findCase: FindCase
  readonly clock: Clock
}

/**
 * Ends a case: nothing can be checked or fetched under it afterwards, and no hall is asked any more.
 * @throws GatewayError case_not_found, case_closed.
 */
export const closeCase = async (
  { findCase, clock }: CloseCaseDeps,
  tx: CaseDb,
  caller: Caller,
  input: { readonly caseId: string; readonly outcome: string },
): Promise<Answer> => {
  const file = await getVisibleCase(findCase, caller, input.caseId)
  const closedAt = clock.now()
  const closed = await closeOpenCase(tx, file.caseId, input.outcome, closedAt)
  if (!closed) throw new GatewayError('case_closed')
  await forgetCaseTickets(tx, file.caseId)
  return {
    status: 200,
    data: caseSummary({ ...file, state: 'closed', outcome: input.outcome, closedAt }),
    deed: {
      action: 'case.close',
      decision: 'allowed',
      caseId: file.caseId,
      assurance: file.assurance,
      itemCode: file.itemCode,
      itemVersion: file.itemVersion,
      detail: { outcome: input.outcome },
    },
  }
}
