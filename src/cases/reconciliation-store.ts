import { sql } from 'kysely'
import { z } from 'zod'
import { asId, type CaseId } from '../contract/ids.ts'
import type { CaseDb } from './case-store.ts'

export type CaseNumber = { readonly caseNo: string; readonly itemCode: string }

/** Notes numbers that a registrar has registered; those noted before stay. @returns how many are new */
export const insertConfirmations = async (
  tx: CaseDb,
  registrarId: string,
  cases: readonly CaseNumber[],
  now: Date,
): Promise<number> => {
  const added = await tx
    .insertInto('case_confirmation')
    .values(
      cases.map(({ caseNo, itemCode }) => ({
        registrar_id: registrarId,
        case_no: caseNo,
        item_code: itemCode,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('case_no')
    .execute()
  return added.length
}

export type ReconciledCase = {
  readonly caseId: CaseId
  readonly clientId: string
  readonly itemCode: string
  readonly confirmed: boolean
}

/**
 * Takes self-opened cases from before an instant and says of each whether a registrar knows it: by its
 * own registration of the same number, item, system and applicant, or by its list. Each is taken once.
 */
export const reconcileBefore = async (
  tx: CaseDb,
  before: Date,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly ReconciledCase[]> => {
  const { rows } = await sql`
    with due as (
      select case_id from case_file
      where assurance = 'asserted' and reconciled_at is null and created_at < ${before}
      order by created_at, case_id
      limit ${limit}
      for update skip locked
    )
    update case_file f set reconciled_at = ${now}
    from due where f.case_id = due.case_id
    returning f.case_id, f.client_id, f.item_code,
      exists (select from case_file r where r.case_no = f.case_no and r.item_code = f.item_code
        and r.client_id = f.client_id and r.subject_index = f.subject_index
        and r.assurance <> 'asserted')
      or exists (select from case_confirmation c
        where c.case_no = f.case_no and c.item_code = f.item_code) as confirmed`.execute(tx)
  return rows.map((row) => {
    const found = reconciledRow.parse(row)
    return {
      caseId: asId(found.case_id),
      clientId: found.client_id,
      itemCode: found.item_code,
      confirmed: found.confirmed,
    }
  })
}

const reconciledRow = z.object({
  case_id: z.string(),
  client_id: z.string(),
  item_code: z.string(),
  confirmed: z.boolean(),
})
