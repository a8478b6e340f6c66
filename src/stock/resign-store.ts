import { sql } from 'kysely'
import type { PoolClient } from 'pg'
import { z } from 'zod'
import { copyRows } from '../licences/copy-rows-store.ts'
import { copyUuid } from '../licences/copy-value.ts'
import { claimsIn } from '../licences/batch-licence-store.ts'
import type { CredentialClaims } from '../licences/credential.ts'
import { type StoredStatus, storedStatuses } from '../licences/licence.ts'
import { bytesIn, memberIn, textIn, textOrNullIn, timeIn } from '../licences/read-column.ts'
import { runNamed } from '../store/run-named.ts'
import type { StockDb } from './batch-store.ts'

/** A licence in force whose credential is under another certificate than the department's present one. */
export type ResignSource = {
  readonly claims: CredentialClaims
  readonly certificateId: string
  readonly areaCode: string | null
  readonly status: StoredStatus
  readonly sourceStatus: string | null
  readonly statusAsOf: Date
  readonly statusSource: string
  readonly contentDigest: Uint8Array
  readonly blob: Uint8Array
  readonly keyId: string
}

type Wanted = { readonly issuerCode: string; readonly certificateId: string }

const inForce = `l.issuer_code = $1 and l.certificate_id <> $2 and l.successor_id is null
  and l.status in ('active', 'suspended')
  and exists (select from batch b where b.batch_id = l.batch_id and b.state = 'released')`

/** The next sources after an id, ascending. */
export const listResignSources = async (
  db: StockDb,
  { issuerCode, certificateId }: Wanted,
  after: string,
  limit: number,
): Promise<readonly ResignSource[]> => {
  const rows = await runNamed(db, 'resign_sources', sourcesSql, [
    issuerCode,
    certificateId,
    after,
    limit,
  ])
  return rows.map((row) => ({
    claims: claimsIn(row),
    certificateId: textIn(row, 'certificate_id'),
    areaCode: textOrNullIn(row, 'area_code'),
    status: memberIn(row, 'status', storedStatuses),
    sourceStatus: textOrNullIn(row, 'source_status'),
    statusAsOf: timeIn(row, 'status_as_of'),
    statusSource: textIn(row, 'status_source'),
    contentDigest: bytesIn(row, 'content_digest'),
    blob: bytesIn(row, 'blob'),
    keyId: textIn(row, 'key_id'),
  }))
}

const sourcesSql = `
  select l.licence_id, l.type_code, l.catalogue_version, l.version, l.issuer_code, l.certificate_id,
    l.iat, l.issued_at, l.valid_from, l.valid_to, l.trust_level, l.area_code, l.status, l.source_status,
    l.status_as_of, l.status_source, l.content_digest, l.blob, l.key_id
  from licence l
  where ${inForce} and l.licence_id > $3
  order by l.licence_id
  limit $4`

export const countResignSources = async (
  db: StockDb,
  { issuerCode, certificateId }: Wanted,
): Promise<number> => {
  const rows = await runNamed(
    db,
    'resign_count',
    `select count(*) as n from licence l where ${inForce}`,
    [issuerCode, certificateId],
  )
  return countRow.parse(rows[0]).n
}

/** Notes of which licences the re-signed ones are. */
export const copyResigned = (
  client: PoolClient,
  batchId: string,
  pairs: readonly { readonly licenceId: string; readonly sourceId: string }[],
): Promise<void> =>
  copyRows(
    client,
    'licence_resign',
    ['licence_id', 'source_id', 'batch_id'],
    pairs.map(({ licenceId, sourceId }) => [
      copyUuid(licenceId),
      copyUuid(sourceId),
      copyUuid(batchId),
    ]),
  )

export const deleteResigned = async (tx: StockDb, batchId: string): Promise<void> => {
  await tx.deleteFrom('licence_resign').where('batch_id', '=', batchId).execute()
}

/** How many sources of a batch have been replaced or ended since it was filled. */
export const countStaleSources = async (db: StockDb, batchId: string): Promise<number> => {
  const { rows } = await sql`
    select count(*) as n
    from licence_resign r join licence s on s.licence_id = r.source_id
    join batch b on b.batch_id = s.batch_id
    where r.batch_id = ${batchId} and (s.successor_id is not null
      or s.status not in ('active', 'suspended') or b.state <> 'released')`.execute(db)
  return countRow.parse(rows[0]).n
}

/**
 * Gives the re-signed licences the status that their sources have at this moment. The sources are locked,
 * so that no change of a status is lost between the two.
 */
export const inheritStatuses = async (tx: StockDb, batchId: string): Promise<void> => {
  await sql`
    select from licence s join licence_resign r on r.source_id = s.licence_id
    where r.batch_id = ${batchId} order by s.licence_id for update of s`.execute(tx)
  await sql`
    update licence n
    set status = s.status, source_status = s.source_status, status_as_of = s.status_as_of,
      status_source = s.status_source
    from licence_resign r join licence s on s.licence_id = r.source_id
    where r.batch_id = ${batchId} and n.licence_id = r.licence_id`.execute(tx)
}

const countRow = z.object({ n: z.coerce.number() })
