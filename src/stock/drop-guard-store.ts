import { sql } from 'kysely'
import { z } from 'zod'
import type { CityDate } from '../contract/clock.ts'
import type { StockDb } from './batch-store.ts'

const count = z.object({ n: z.coerce.number() })

/** Licences of an issuer that are in force on a day; reads the whole stock. */
export const countInForce = async (
  db: StockDb,
  issuerCode: string,
  cityDate: CityDate,
): Promise<number> => {
  const { rows } = await sql`
    select count(*) as n
    from licence l join batch b on b.batch_id = l.batch_id and b.state = 'released'
    where l.issuer_code = ${issuerCode} and l.successor_id is null
      and l.status in ('active', 'suspended') and (l.valid_to is null or l.valid_to >= ${cityDate})`.execute(
    db,
  )
  return count.parse(rows[0]).n
}

/** Licences that the issuer's releases since an instant have ended. */
export const countEndedSince = async (
  db: StockDb,
  issuerCode: string,
  since: Date,
): Promise<number> => {
  const { rows } = await sql`
    select coalesce(sum((progress -> 'counts' ->> 'ending')::bigint), 0) as n
    from batch
    where issuer_code = ${issuerCode} and state = 'released' and released_at > ${since}`.execute(db)
  return count.parse(rows[0]).n
}
