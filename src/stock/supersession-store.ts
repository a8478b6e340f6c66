import { sql } from 'kysely'
import type { BatchId } from '../contract/ids.ts'
import type { StockDb } from './batch-store.ts'

/** Whoever changes which licences of a department are in force waits for the others that do. */
export const lockIssuer = async (tx: StockDb, issuerCode: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`zhengqiao/issuer/${issuerCode}`}, 0))`.execute(
    tx,
  )
}

/**
 * Ends the older versions that a release replaces: each links to the next version, and is `changed` if it
 * still counted. What they were is kept for a rollback. Answers how many there are.
 */
export const applySupersessions = async (
  tx: StockDb,
  batchId: BatchId,
  now: Date,
): Promise<number> => {
  await sql`
    delete from batch_supersession s
    using batch_supersession o
    join licence n on n.licence_id = o.successor_id, licence m
    where s.batch_id = ${batchId} and o.batch_id = s.batch_id and o.licence_id = s.licence_id
      and m.licence_id = s.successor_id
      and (n.version, n.licence_id) < (m.version, m.licence_id)`.execute(tx)
  await sql`
    update batch_supersession s
    set prior_status = l.status, prior_status_as_of = l.status_as_of,
      prior_status_source = l.status_source
    from licence l
    where s.batch_id = ${batchId} and l.licence_id = s.licence_id`.execute(tx)
  const { numAffectedRows } = await sql`
    update licence l
    set successor_id = s.successor_id,
      status = case when l.status in ('active', 'suspended') then 'changed' else l.status end,
      status_as_of = case when l.status in ('active', 'suspended') then ${now} else l.status_as_of end
    from batch_supersession s
    where s.batch_id = ${batchId} and l.licence_id = s.licence_id and l.successor_id is null`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0n)
}

/**
 * Puts back what the release of a batch replaced. A version that a later batch replaced in its turn links
 * to that one instead, and comes back if the later batch is rolled back too.
 */
export const revertSupersessions = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await sql`
    insert into batch_supersession
      (batch_id, licence_id, successor_id, prior_status, prior_status_as_of, prior_status_source)
    select n.batch_id, s.licence_id, n.licence_id, s.prior_status, s.prior_status_as_of, s.prior_status_source
    from batch_supersession s
    join licence l on l.licence_id = s.licence_id and l.successor_id = s.successor_id
      and l.batch_id <> s.batch_id
    join (${nextOutside(batchId)}) c on c.start = s.successor_id
    join licence n on n.licence_id = c.outside
    where s.batch_id = ${batchId}
    on conflict do nothing`.execute(tx)
  await sql`
    update licence l
    set successor_id = c.outside,
      status = case when c.outside is null and l.status = 'changed' then s.prior_status else l.status end,
      status_as_of = case when c.outside is null and l.status = 'changed' then s.prior_status_as_of
        else l.status_as_of end,
      status_source = case when c.outside is null and l.status = 'changed' then s.prior_status_source
        else l.status_source end
    from batch_supersession s
    left join (${nextOutside(batchId)}) c on c.start = s.successor_id
    where s.batch_id = ${batchId} and l.licence_id = s.licence_id and l.successor_id = s.successor_id
      and l.batch_id <> s.batch_id`.execute(tx)
}

/** From each successor in the batch, the first version after it that is of another batch. */
const nextOutside = (batchId: BatchId) => sql`
  with recursive chain (start, current) as (
    select distinct successor_id, successor_id from batch_supersession where batch_id = ${batchId}
    union
    select chain.start, l.successor_id
    from chain join licence l on l.licence_id = chain.current
    where l.batch_id = ${batchId} and l.successor_id is not null
  )
  select chain.start, l.licence_id as outside
  from chain join licence l on l.licence_id = chain.current
  where l.batch_id <> ${batchId}`

/**
 * Before a rollback: a version that its department ended after the release takes that end along to the
 * one that it replaced. A rollback must not bring a revoked licence back to life.
 */
export const keepEndings = async (tx: StockDb, batchId: BatchId): Promise<void> => {
  await sql`
    update batch_supersession s
    set prior_status = n.status, prior_status_as_of = n.status_as_of,
      prior_status_source = n.status_source
    from licence n join batch b on b.batch_id = n.batch_id
    where s.batch_id = ${batchId} and n.batch_id = s.batch_id and n.licence_id = s.successor_id
      and n.status not in ('active', 'changed') and n.status_as_of > b.released_at`.execute(tx)
}
