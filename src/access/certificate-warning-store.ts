import type { Tx } from '../store/in-transaction.ts'

export type DueWarning = {
  readonly certificateId: string
  readonly clientId: string
  readonly withinDays: number
}

const dayMs = 86_400_000

/** Notes which good certificates end within so many days, and answers those not noted before. */
export const noteDueWarnings = async (
  tx: Tx,
  withinDays: number,
  now: Date,
): Promise<readonly DueWarning[]> => {
  const until = new Date(now.getTime() + withinDays * dayMs)
  const ending = await tx
    .selectFrom('client_certificate')
    .select(['certificate_id', 'client_id'])
    .where('revoked_at', 'is', null)
    .where('not_after', '>', now)
    .where('not_after', '<=', until)
    .execute()
  if (ending.length === 0) return []
  const noted = await tx
    .insertInto('certificate_warning')
    .values(
      ending.map((row) => ({
        certificate_id: row.certificate_id,
        within_days: withinDays,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('certificate_id')
    .execute()
  const fresh = new Set(noted.map((row) => row.certificate_id))
  return ending
    .filter((row) => fresh.has(row.certificate_id))
    .map((row) => ({
      certificateId: row.certificate_id,
      clientId: row.client_id,
      withinDays,
    }))
}
