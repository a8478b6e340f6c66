import type { Store } from '../../store/open-store.ts'

export type Filling = {
  readonly licences: number
  /** Of the encrypted disclosures, so that the rows are as long as real ones. */
  readonly blobBytes: number
  readonly dataKeyId: string
}

const step = 100_000

/**
 * Fills the licence tables with rows of the right shape and length under random indexes, of all types
 * whose department can sign, in one released batch. What is there already counts.
 */
export const fillLicences = async (
  { pool }: Pick<Store, 'pool'>,
  filling: Filling,
  say: (line: string) => void,
): Promise<void> => {
  const { rows } = await pool.query<{ count: number }>('select count(*) as count from licence')
  const before = rows[0]?.count ?? 0
  for (let first = before; first < filling.licences; first += step) {
    const last = Math.min(first + step, filling.licences) - 1
    await insertRows(pool, filling, [first, last])
    say(`licences: ${String(last + 1)}`)
  }
  if (before >= filling.licences) return
  say('vacuum, analyse')
  await pool.query('vacuum (analyze)')
  await pool.query('checkpoint')
}

const insertRows = async (
  pool: Store['pool'],
  { blobBytes, dataKeyId }: Filling,
  [first, last]: readonly [number, number],
): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(openBatchSql)
    await client.query(seedSql, [first, last])
    await client.query(licenceSql, [dataKeyId, Math.ceil(blobBytes / 16), blobBytes])
    for (const sql of [holderSql, numberSql, identifierSql]) await client.query(sql, [dataKeyId])
    await client.query(signatureSql)
    await client.query('drop table bench_seed')
    await client.query('commit')
  } finally {
    client.release()
  }
}

const batchId = '00000000-0000-7000-8000-0000000be2c4'

const openBatchSql = `
  insert into batch (batch_id, issuer_code, format, expected_rows, expected_chunks, state, created_at,
    released_at)
  select '${batchId}', issuer_code, 'ndjson', 1, 1, 'released', now(), now()
  from signing_certificate order by issuer_code limit 1
  on conflict do nothing`

/** Licence ids ascend with time, as UUIDv7 do; everything else is spread by a hash of the number. */
const seedSql = `
  create temporary table bench_seed as
  with type as (
    select t.type_code, c.issuer_code, c.certificate_id, row_number() over (order by t.type_code) - 1 as at,
      count(*) over () as types
    from (select distinct type_code from licence_type) t
    join (select distinct on (issuer_code) issuer_code, certificate_id from signing_certificate
          order by issuer_code, certificate_id) c
      on c.issuer_code = left(t.type_code, 18)
  )
  select n, md5(n::text) as hash, type.*,
    (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
      || substr(md5(n::text), 4, 15))::uuid as licence_id
  from generate_series($1::bigint, $2::bigint) as n
  join type on type.at = n % type.types`

const licenceSql = `
  insert into licence (licence_id, batch_id, chunk, line, type_code, catalogue_version, version,
    issuer_code, certificate_id, iat, issued_at, valid_from, trust_level, area_code, status, status_as_of,
    status_source, content_digest, blob, key_id)
  select licence_id, '${batchId}', 1, n, type_code, 1, '001', issuer_code, certificate_id,
    1700000000 + n, '2018-06-12', '2018-06-12', 'A', '370202', 'active', now(), 'stock',
    substr(sha256(hash::bytea), 1, 16), substr(decode(repeat(hash, $2::integer), 'hex'), 1, $3::integer), $1
  from bench_seed`

const holderSql = `
  insert into licence_holder (holder_index, type_code, licence_id, batch_id, name_index, key_id)
  select substr(sha256(('holder' || hash)::bytea), 1, 16), type_code, licence_id, '${batchId}',
    substr(sha256(('name' || hash)::bytea), 1, 16), $1 from bench_seed`

const numberSql = `
  insert into licence_number (number_index, type_code, licence_id, key_id)
  select substr(sha256(('number' || hash)::bytea), 1, 16), type_code, licence_id, $1 from bench_seed`

const identifierSql = `
  insert into licence_identifier (identifier_index, licence_id, key_id)
  select substr(sha256(('identifier' || hash)::bytea), 1, 16), licence_id, $1 from bench_seed`

const signatureSql = `
  insert into licence_signature (licence_id, signature)
  select licence_id, sha512(hash::bytea) from bench_seed`
