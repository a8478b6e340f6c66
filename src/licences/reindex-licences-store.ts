import type { DataKeys } from '../store/data-keys.ts'
import type { Cursor, MovedPage, Resealing } from '../store/reseal-rows-store.ts'
import type { Tx } from '../store/in-transaction.ts'
import { runNamed } from '../store/run-named.ts'
import { claimsIn } from './batch-licence-store.ts'
import { contentDigests, type StatedLicence } from './content-digest.ts'
import { deleteLookUpRows } from './delete-licences-store.ts'
import { insertLookUpRows } from './insert-licence-store.ts'
import { contentOf } from './licence-content.ts'
import { indexLicenceAll } from './licence-index.ts'
import { storedStatuses } from './licence.ts'
import { bytesIn, type QueryRow, textIn, textOrNullIn } from './read-column.ts'
import { openSecretPart, sealSecretPart } from './secret-part.ts'

type Keys = Pick<DataKeys, 'current' | 'seal' | 'open' | 'index' | 'indexAll'>

/** Where licences name their key: in their own row and in those by which they are found. */
export const licenceKeyColumns = [
  { table: 'licence', keyId: 'key_id' },
  { table: 'licence_identifier', keyId: 'key_id' },
  { table: 'licence_number', keyId: 'key_id' },
  { table: 'licence_holder', keyId: 'key_id' },
] as const

/**
 * Moves the next licences under the current key: content, content digest, and all rows by which they are
 * found. Whoever looks one up meanwhile finds it under one key or the other.
 */
export const reindexLicences = async (
  tx: Tx,
  { keys, fromKeyId, rowsMax }: Omit<Resealing, 'keys'> & { readonly keys: Keys },
  after: Cursor | undefined,
): Promise<MovedPage> => {
  const rows = await runNamed(tx, 'reindex-licences', pageSql, [
    fromKeyId,
    after?.[0] ?? '00000000-0000-0000-0000-000000000000',
    rowsMax,
  ])
  const last = rows.at(-1)
  if (last === undefined) return { moved: 0, next: undefined }
  const moved = rows.map((row) => moveLicence(keys, row))
  await deleteLookUpRows(
    tx,
    moved.map(({ old, ...licence }) => ({ ...licence, indices: old })),
  )
  await insertLookUpRows(tx, moved)
  await runNamed(tx, 'reindex-licences-update', updateSql, [
    moved.map(({ licenceId }) => licenceId),
    moved.map(({ blob }) => blob),
    moved.map(({ digest }) => digest),
    keys.current.keyId,
  ])
  return { moved: rows.length, next: [textIn(last, 'licence_id')] }
}

const pageSql = `
  select licence_id, batch_id, type_code, catalogue_version, version, issuer_code, certificate_id, iat,
    issued_at, valid_from, valid_to, trust_level, area_code, status, content_digest, blob, key_id
  from licence
  where key_id = $1 and licence_id > $2
  order by licence_id
  limit $3
  for update`

const updateSql = `
  update licence l set blob = v.blob, content_digest = v.digest, key_id = $4
  from (select $1::uuid[] as ids, $2::bytea[] as blobs, $3::bytea[] as digests) as given,
    unnest(given.ids, given.blobs, given.digests) as v (licence_id, blob, digest)
  where l.licence_id = v.licence_id`

const moveLicence = (keys: Keys, row: QueryRow) => {
  const claims = claimsIn(row)
  const { licenceId, version, typeCode } = claims
  const place = { licenceId, version, certificateId: textIn(row, 'certificate_id') }
  const stored = { blob: bytesIn(row, 'blob'), keyId: textIn(row, 'key_id') }
  const part = openSecretPart(keys, place, stored)
  const content = contentOf(part.disclosures)
  const [indices, ...old] = indexLicenceAll(keys, content, part.legacyAlias)
  if (indices === undefined) throw new RangeError('data keys changed while they were used')
  const stated = { ...content, ...claims, areaCode: textOrNullIn(row, 'area_code') }
  return {
    licenceId,
    typeCode,
    batchId: textIn(row, 'batch_id'),
    indices,
    old,
    blob: sealSecretPart(keys, place, part).blob,
    digest: newDigest(keys, stated, row),
  }
}

/**
 * The digest is of the status that the department stated when it pushed, which may have changed since: it
 * is the one whose digest under an earlier key stands in the row.
 */
const newDigest = (
  keys: Keys,
  stated: Omit<StatedLicence, 'status'>,
  row: QueryRow,
): Uint8Array => {
  const present = textIn(row, 'status')
  const before = bytesIn(row, 'content_digest')
  for (const status of [present, ...storedStatuses]) {
    const [digest, ...earlier] = contentDigests(keys, { ...stated, status })
    const isIt = earlier.some((each) => Buffer.compare(each, before) === 0)
    if (isIt && digest !== undefined) return digest
  }
  throw new RangeError(
    `licence ${textIn(row, 'licence_id')}: its content digest is not of its content`,
  )
}
