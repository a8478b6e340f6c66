import { asId, type LicenceId } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { runNamed } from '../store/run-named.ts'
import type { CredentialClaims } from './credential.ts'
import { foldName } from './fold-name.ts'
import { holderText } from './licence-index.ts'
import { type Holder, type Licence, storedStatuses, trustLevels } from './licence.ts'
import {
  bytesIn,
  memberIn,
  numberIn,
  type QueryRow,
  textIn,
  textOrNullIn,
  timeIn,
} from './read-column.ts'
import type { LicenceDb } from './signing-certificate-store.ts'
import { claimsIn } from './batch-licence-store.ts'

export type LicenceQuery = {
  readonly holder: Pick<Holder, 'idType' | 'id' | 'name'>
  readonly typeCode: string
}

/** A signed licence as it is stored: what its credential is put together from. */
export type StoredLicence = {
  readonly claims: CredentialClaims
  readonly certificateId: string
  readonly signature: Uint8Array
  readonly blob: Uint8Array
  readonly keyId: string
}

/** A released licence; with what its credential is made of, where that was asked for. */
export type FoundLicence = Licence & { readonly stored?: StoredLicence }

/**
 * Released licences of a type that name a holder by code and name: one list a query, newest first.
 * A wrong name finds nothing, so that it looks like absence.
 */
export const findLicences = (
  db: LicenceDb,
  keys: Pick<DataKeys, 'indexAll'>,
  queries: readonly LicenceQuery[],
): Promise<readonly (readonly FoundLicence[])[]> =>
  find(db, keys, queries, { name: 'licence_find', sql: findSql('', ''), read: toLicence })

/** The same with what their credentials are made of, still encrypted: for whoever may open them. */
export const findLicencesToOpen = (
  db: LicenceDb,
  keys: Pick<DataKeys, 'indexAll'>,
  queries: readonly LicenceQuery[],
): Promise<readonly (readonly FoundLicence[])[]> =>
  find(db, keys, queries, {
    name: 'licence_find_to_open',
    sql: findSql(
      ', l.catalogue_version, l.certificate_id, l.iat, l.blob, l.key_id, s.signature',
      'join licence_signature s on s.licence_id = l.licence_id',
    ),
    read: (row) => ({ ...toLicence(row), stored: toStoredLicence(row) }),
  })

const find = async (
  db: LicenceDb,
  keys: Pick<DataKeys, 'indexAll'>,
  queries: readonly LicenceQuery[],
  statement: {
    readonly name: string
    readonly sql: string
    readonly read: (row: QueryRow) => FoundLicence
  },
): Promise<readonly (readonly FoundLicence[])[]> => {
  if (queries.length === 0) return []
  const places: number[] = []
  const holders: Buffer[] = []
  const names: Buffer[] = []
  const types: string[] = []
  for (const [place, { holder, typeCode }] of queries.entries()) {
    const named = keys.indexAll('name', foldName(holder.name))
    for (const [at, { index }] of keys.indexAll('holder', holderText(holder)).entries()) {
      const name = named[at]
      if (name === undefined) continue
      places.push(place)
      holders.push(index)
      names.push(name.index)
      types.push(typeCode)
    }
  }
  const { name, sql, read } = statement
  const rows = await runNamed(db, name, sql, [places, holders, types, names])
  const found = queries.map((): FoundLicence[] => [])
  for (const row of rows) found[numberIn(row, 'place')]?.push(read(row))
  return found
}

/** Of a licence `l`, what toLicence reads. */
export const licenceColumns = `l.licence_id, l.type_code, l.version, l.issuer_code, l.issued_at, l.valid_from,
  l.valid_to, l.trust_level, l.status, l.source_status, l.status_as_of, l.status_source, l.successor_id`

// The planner must not count the queries: it would make a new plan for every number of them.
const findSql = (columns: string, join: string): string => `
  select q.place, found.*
  from unnest((select $1::integer[]), (select $2::bytea[]), (select $3::text[]), (select $4::bytea[]))
    as q (place, holder_index, type_code, name_index)
  cross join lateral (
    select ${licenceColumns}${columns}
    from licence_holder h
    join batch b on b.batch_id = h.batch_id and b.state = 'released'
    join licence l on l.licence_id = h.licence_id
    ${join}
    where h.holder_index = q.holder_index and h.type_code = q.type_code
      and h.name_index = q.name_index
    order by l.issued_at desc, l.licence_id desc
    limit 1000
  ) as found
  order by q.place, found.issued_at desc, found.licence_id desc`

/** A released licence with what its credential is made of. */
export const findReleasedLicence = async (
  db: LicenceDb,
  licenceId: LicenceId,
): Promise<StoredLicence | undefined> => {
  const [licence] = await findReleasedLicences(db, [licenceId])
  return licence
}

/** Released licences, in the order of their ids; undefined for an id of none. */
export const findReleasedLicences = async (
  db: LicenceDb,
  licenceIds: readonly LicenceId[],
): Promise<readonly (StoredLicence | undefined)[]> => {
  const rows = await runNamed(db, 'licence_load', loadSql, [licenceIds])
  const found = new Map(rows.map((row) => [textIn(row, 'licence_id'), toStoredLicence(row)]))
  return licenceIds.map((licenceId) => found.get(licenceId))
}

const loadSql = `
  select l.licence_id, l.type_code, l.catalogue_version, l.version, l.issuer_code, l.certificate_id, l.iat,
    l.issued_at, l.valid_from, l.valid_to, l.trust_level, l.blob, l.key_id, s.signature
  from unnest((select $1::uuid[])) as q (licence_id)
  join licence l on l.licence_id = q.licence_id
  join licence_signature s on s.licence_id = l.licence_id
  join batch b on b.batch_id = l.batch_id and b.state = 'released'`

/** All released versions of the licence to which this one belongs, oldest first. */
export const findVersions = async (
  db: LicenceDb,
  series: readonly Uint8Array[],
): Promise<readonly Licence[]> => {
  const rows = await runNamed(db, 'licence_versions', versionsSql, [series])
  return rows.map(toLicence)
}

const versionsSql = `
  select ${licenceColumns}
  from licence_identifier i
  join licence l on l.licence_id = i.licence_id
  join batch b on b.batch_id = l.batch_id and b.state = 'released'
  where i.identifier_index = any($1::bytea[]) and not i.legacy
  order by l.version, l.licence_id
  limit 1000`

/** A row with licenceColumns. */
export const toLicence = (row: QueryRow): Licence => ({
  licenceId: asId(textIn(row, 'licence_id')),
  typeCode: asId(textIn(row, 'type_code')),
  version: textIn(row, 'version'),
  issuerCode: asId(textIn(row, 'issuer_code')),
  issuedAt: textIn(row, 'issued_at'),
  validFrom: textIn(row, 'valid_from'),
  validTo: textOrNullIn(row, 'valid_to'),
  trustLevel: memberIn(row, 'trust_level', trustLevels),
  status: memberIn(row, 'status', storedStatuses),
  sourceStatus: textOrNullIn(row, 'source_status'),
  statusAsOf: timeIn(row, 'status_as_of'),
  statusSource: textIn(row, 'status_source'),
  successorId: idOrNull(textOrNullIn(row, 'successor_id')),
})

const idOrNull = (text: string | null): LicenceId | null => (text === null ? null : asId(text))

const toStoredLicence = (row: QueryRow): StoredLicence => ({
  claims: claimsIn(row),
  certificateId: textIn(row, 'certificate_id'),
  signature: bytesIn(row, 'signature'),
  blob: bytesIn(row, 'blob'),
  keyId: textIn(row, 'key_id'),
})
