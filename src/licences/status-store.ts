import { sql } from 'kysely'
import type { LicenceId } from '../contract/ids.ts'
import { licenceColumns, toLicence } from './licence-store.ts'
import type { Licence, StoredStatus } from './licence.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

/** A released licence, locked until the transaction ends. */
export const lockReleasedLicence = async (
  tx: LicenceDb,
  licenceId: LicenceId,
): Promise<Licence | undefined> => {
  const { rows } = await sql<Record<string, unknown>>`
    select ${sql.raw(licenceColumns)}
    from licence l
    join batch b on b.batch_id = l.batch_id and b.state = 'released'
    where l.licence_id = ${licenceId}
    for update of l`.execute(tx)
  const [row] = rows
  return row === undefined ? undefined : toLicence(row)
}

/** Puts another status, as the department states it now. */
export const updateStatus = async (
  tx: LicenceDb,
  licenceId: LicenceId,
  status: StoredStatus,
  now: Date,
): Promise<void> => {
  await tx
    .updateTable('licence')
    .set({ status, source_status: null, status_as_of: now, status_source: 'department' })
    .where('licence_id', '=', licenceId)
    .execute()
}
