import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { Answer, Endpoint } from '../contract/endpoint.ts'
import { writeEndpoint } from '../contract/endpoint.ts'
import type { CaseDb } from './case-store.ts'
import { insertConfirmations } from './reconciliation-store.ts'

export const confirmationBody = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        caseNo: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/),
        itemCode: z.string().regex(/^[0-9A-Z-]{1,40}$/),
      }),
    )
    .min(1)
    .max(1000),
})

export const confirmationData = z.object({ listed: z.int(), added: z.int() })

/** The registrar's list: numbers of cases that it has, whoever opened them here. */
export const confirmCases = async (
  { clock }: { readonly clock: Clock },
  tx: CaseDb,
  caller: Caller,
  { cases }: z.output<typeof confirmationBody>,
): Promise<Answer> => {
  const added = await insertConfirmations(tx, caller.clientId, cases, clock.now())
  const counts = { listed: cases.length, added }
  return {
    status: 200,
    data: counts,
    deed: { action: 'case.confirm', decision: 'allowed', detail: counts },
  }
}

export const confirmCasesEndpoint = (deps: { readonly clock: Clock }): Endpoint<CaseDb> =>
  writeEndpoint<CaseDb, typeof confirmationBody>({
    operationId: 'confirmCases',
    method: 'POST',
    path: '/v1/cases/confirmations',
    summaryZh: '报送已登记的办件编号(与自行开立的办件每日核对)',
    roles: ['R'],
    idempotent: true,
    operatorRequired: false,
    codes: [],
    body: confirmationBody,
    data: confirmationData,
    handle: ({ caller, body, tx }) => confirmCases(deps, tx, caller, body),
  })
