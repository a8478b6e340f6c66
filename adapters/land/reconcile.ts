import { sql, type Kysely } from 'kysely'
import type { CityDate } from '../../src/contract/clock.ts'
import type { Reconciliation } from '../../src/halls/adapter.ts'
import { rowStates, type Frontend } from './frontend.ts'

/**
 * The nightly count of one day's rows against the answers, then the rows of that day and before are
 * removed: the front-end database keeps nobody's data longer than it takes to compare.
 */
export const reconcileDay = async (
  db: Kysely<Frontend>,
  day: CityDate,
): Promise<Reconciliation> => {
  const until = sql<Date>`(${day}::date + 1)::timestamp at time zone 'Asia/Shanghai'`
  const { rows } = await sql<Record<'asked' | 'answered' | 'withdrawn' | 'repeated', string>>`
    select count(*) as asked,
      count(*) filter (where zt in (${rowStates.answered}, ${rowStates.read})) as answered,
      count(*) filter (where zt = ${rowStates.withdrawn}) as withdrawn,
      coalesce(sum((select count(*) - count(distinct xh) from cxjg where cxjg.sqid = cxsq.sqid)), 0) as repeated
    from cxsq where sqsj < ${until}`.execute(db)
  await sql`delete from cxjg using cxsq where cxjg.sqid = cxsq.sqid and cxsq.sqsj < ${until}`.execute(
    db,
  )
  await db.deleteFrom('cxsq').where('sqsj', '<', until).execute()
  const [counts] = rows
  const asked = Number(counts?.asked ?? 0)
  const answered = Number(counts?.answered ?? 0)
  const withdrawn = Number(counts?.withdrawn ?? 0)
  const repeated = Number(counts?.repeated ?? 0)
  return { day, asked, answered, withdrawn, missing: asked - answered - withdrawn, repeated }
}
