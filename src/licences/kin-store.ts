import { runNamed } from '../store/run-named.ts'
import { type StoredStatus, storedStatuses } from './licence.ts'
import {
  booleanIn,
  bytesIn,
  memberIn,
  numberIn,
  type QueryRow,
  textIn,
  textOrNullIn,
  timeIn,
} from './read-column.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

/** A licence that shares an identifier series or a number with another. */
export type Kin = {
  readonly licenceId: string
  readonly batchId: string
  /** The batch is released; else it is the batch that asks. */
  readonly released: boolean
  readonly chunk: number
  readonly line: number
  readonly typeCode: string
  readonly version: string
  readonly validTo: string | null
  readonly status: StoredStatus
  readonly statusAsOf: Date
  readonly statusSource: string
  readonly contentDigest: Uint8Array
  readonly successorId: string | null
  /** Hex of the keyed hash by which it was found. */
  readonly index: string
}

/** Released licences, and those of one batch, with any of these identifier series. */
export const findSeriesKin = async (
  db: LicenceDb,
  batchId: string,
  series: readonly Uint8Array[],
): Promise<readonly Kin[]> => {
  const rows = await runNamed(db, 'kin_series', seriesSql, [series, batchId])
  return rows.map(toKin)
}

/** Released licences, and those of one batch, with any of these numbers. */
export const findNumberKin = async (
  db: LicenceDb,
  batchId: string,
  numbers: readonly Uint8Array[],
): Promise<readonly Kin[]> => {
  const rows = await runNamed(db, 'kin_number', numberSql, [numbers, batchId])
  return rows.map(toKin)
}

/** True when a batch that is being released holds a licence of one of these series. */
export const isBeingReleased = async (
  db: LicenceDb,
  series: readonly Uint8Array[],
): Promise<boolean> => {
  const rows = await runNamed(db, 'kin_releasing', releasingSql, [series])
  return rows.length > 0
}

const releasingSql = `
  select 1
  from (select distinct unnest($1::bytea[])) as q (index)
  cross join lateral (
    select i.licence_id from licence_identifier i where i.identifier_index = q.index offset 0
  ) as source
  cross join lateral (
    select l.batch_id from licence l where l.licence_id = source.licence_id offset 0
  ) as l
  join batch b on b.batch_id = l.batch_id and b.state = 'releasing'
  limit 1`

export type HolderPair = {
  readonly holder: Uint8Array
  readonly typeCode: string
  readonly licenceId: string
}

/** For each pair whether the licence names the holder. */
export const areHolders = async (
  db: LicenceDb,
  pairs: readonly HolderPair[],
): Promise<readonly boolean[]> => {
  if (pairs.length === 0) return []
  const rows = await runNamed(db, 'kin_holders', holdersSql, [
    pairs.map((_, place) => place),
    pairs.map(({ holder }) => holder),
    pairs.map(({ typeCode }) => typeCode),
    pairs.map(({ licenceId }) => licenceId),
  ])
  const held = pairs.map(() => false)
  for (const row of rows) held[numberIn(row, 'place')] = true
  return held
}

// Each step is fenced by its offset: rows of a new batch are there before the planner's statistics are, and
// without a fence it walks a whole index for each of them.
const kinSql = (sources: string): string => `
  select encode(q.index, 'hex') as index, kin.*
  from (select distinct unnest($1::bytea[])) as q (index)
  cross join lateral (${sources} offset 0) as source
  cross join lateral (
    select l.licence_id, l.batch_id, b.state = 'released' as released, l.chunk, l.line, l.type_code,
      l.version, l.valid_to, l.status, l.status_as_of, l.status_source, l.content_digest, l.successor_id
    from licence l
    join batch b on b.batch_id = l.batch_id
    where l.licence_id = source.licence_id and (b.state = 'released' or b.batch_id = $2)
    offset 0
  ) as kin
  order by kin.licence_id`

const seriesSql = kinSql(
  'select i.licence_id from licence_identifier i where i.identifier_index = q.index and not i.legacy',
)

const numberSql = kinSql('select n.licence_id from licence_number n where n.number_index = q.index')

const holdersSql = `
  select q.place
  from unnest($1::integer[], $2::bytea[], $3::text[], $4::uuid[]) as q (place, holder_index, type_code, licence_id)
  join licence_holder h on h.holder_index = q.holder_index and h.type_code = q.type_code
    and h.licence_id = q.licence_id`

const toKin = (row: QueryRow): Kin => ({
  licenceId: textIn(row, 'licence_id'),
  batchId: textIn(row, 'batch_id'),
  released: booleanIn(row, 'released'),
  chunk: numberIn(row, 'chunk'),
  line: numberIn(row, 'line'),
  typeCode: textIn(row, 'type_code'),
  version: textIn(row, 'version'),
  validTo: textOrNullIn(row, 'valid_to'),
  status: memberIn(row, 'status', storedStatuses),
  statusAsOf: timeIn(row, 'status_as_of'),
  statusSource: textIn(row, 'status_source'),
  contentDigest: bytesIn(row, 'content_digest'),
  successorId: textOrNullIn(row, 'successor_id'),
  index: textIn(row, 'index'),
})
