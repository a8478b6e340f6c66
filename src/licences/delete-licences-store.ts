import { runNamed } from '../store/run-named.ts'
import type { LicenceIndices } from './licence-index.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

export type LicenceToDelete = {
  readonly licenceId: string
  readonly typeCode: string
  /** Under every valid key, since it is not known which one was current when the rows were made. */
  readonly indices: readonly LicenceIndices[]
}

/** Deletes licences that were never released, with everything by which they could be found. */
export const deleteLicences = async (
  tx: LicenceDb,
  licences: readonly LicenceToDelete[],
): Promise<void> => {
  const ids = licences.map(({ licenceId }) => licenceId)
  await deleteLookUpRows(tx, licences)
  await runNamed(tx, 'delete_signature', signatureSql, [ids])
  await runNamed(tx, 'delete_licence', licenceSql, [ids])
}

/** Deletes the rows by which licences are found under the given hashes. */
export const deleteLookUpRows = async (
  tx: LicenceDb,
  licences: readonly LicenceToDelete[],
): Promise<void> => {
  const rows = licences.flatMap(({ licenceId, typeCode, indices }) =>
    indices.map((each) => ({ licenceId, typeCode, ...each })),
  )
  const named = rows.flatMap(({ licenceId, series, alias }) =>
    [series, ...(alias === undefined ? [] : [alias])].map(({ index }) => ({ licenceId, index })),
  )
  const held = rows.flatMap(({ licenceId, typeCode, holders }) =>
    holders.map(({ holder }) => ({ licenceId, typeCode, index: holder.index })),
  )
  await runNamed(tx, 'delete_identifier', identifierSql, [
    named.map(({ index }) => index),
    named.map(({ licenceId }) => licenceId),
  ])
  await runNamed(tx, 'delete_number', numberSql, [
    rows.map(({ number }) => number.index),
    rows.map(({ typeCode }) => typeCode),
    rows.map(({ licenceId }) => licenceId),
  ])
  await runNamed(tx, 'delete_holder', holderSql, [
    held.map(({ index }) => index),
    held.map(({ typeCode }) => typeCode),
    held.map(({ licenceId }) => licenceId),
  ])
}

const identifierSql = `
  delete from licence_identifier i using unnest($1::bytea[], $2::uuid[]) as q (index, licence_id)
  where i.identifier_index = q.index and i.licence_id = q.licence_id`
const numberSql = `
  delete from licence_number n using unnest($1::bytea[], $2::text[], $3::uuid[]) as q (index, type_code, licence_id)
  where n.number_index = q.index and n.type_code = q.type_code and n.licence_id = q.licence_id`
const holderSql = `
  delete from licence_holder h using unnest($1::bytea[], $2::text[], $3::uuid[]) as q (index, type_code, licence_id)
  where h.holder_index = q.index and h.type_code = q.type_code and h.licence_id = q.licence_id`
const signatureSql = 'delete from licence_signature where licence_id = any($1::uuid[])'
const licenceSql = 'delete from licence where licence_id = any($1::uuid[])'
