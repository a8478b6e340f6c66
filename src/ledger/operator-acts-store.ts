import { z } from 'zod'
import { runNamed } from '../store/run-named.ts'
import type { LedgerDb } from './ledger-store.ts'

export type OperatorActs = {
  readonly clientId: string
  readonly operatorId: string
  readonly since: Date
}

/**
 * How many events of these actions are filed for each operator since its instant, in order; those that
 * this process has filed itself, in its log since its start, are left out.
 */
export const countOperatorActs = async (
  db: LedgerDb,
  {
    actions,
    origin,
    startedAt,
  }: { readonly actions: readonly string[]; readonly origin: string; readonly startedAt: Date },
  wanted: readonly OperatorActs[],
): Promise<readonly number[]> => {
  const rows = await runNamed(db, 'operator-acts', countSql, [
    wanted.map(({ clientId }) => clientId),
    wanted.map(({ operatorId }) => operatorId),
    wanted.map(({ since }) => since),
    actions,
    origin,
    startedAt,
  ])
  return rows.map((row) => countRow.parse(row).n)
}

/** How many logs there are: one for each node that ever ran beside the others. */
export const countNodes = async (db: LedgerDb): Promise<number> => {
  const { n } = await db
    .selectFrom('ledger_node')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

const countRow = z.object({ n: z.coerce.number() })

const countSql = `
  select (select count(*) from ledger_event e
    where e.operator_id = q.operator_id and e.client_id = q.client_id and e.at > q.since
      and e.action = any ($4::text[])
      and (e.at < $6 or e.node_id <> (select node_id from ledger_node where origin = $5))) as n
  from unnest($1::text[], $2::text[], $3::timestamptz[])
    with ordinality as q (client_id, operator_id, since, place)
  order by q.place`
