import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { runNamed, runNamedQuery } from '../../src/store/run-named.ts'
import type { Store } from '../../src/store/open-store.ts'
import { testStore } from '../support/database.ts'

describe('in beforeAll', () => {
  let store: Store
  beforeAll(async () => {
    store = await testStore()
  })
  it('prepares a named statement once per connection, also inside a transaction', async () => {
    const rows = await inTransaction(store, async (tx) => {
      await runNamed(tx, 'add', 'select $1::int + $2::int as sum', [1, 2])
      const [row] = await runNamed(tx, 'add', 'select $1::int + $2::int as sum', [3, 4])
      expect(row).toEqual({ sum: 7 })
      const query = tx.selectFrom('setting').select('name').where('name', '=', 'x').compile()
      expect(await runNamedQuery(tx, 'setting', query)).toEqual([])
      const known = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(tx)
      return known.rows.map((r) => r.name).sort()
    })
    expect(rows).toEqual(['add', 'setting'])
  })
})
const other = await testStore()
it('opens a store at the top of a file, which shares nothing with the other', async () => {
  const known =
    await sql`select 1 from pg_prepared_statements where name in ('add', 'setting')`.execute(
      other.db,
    )
  expect(known.rows).toEqual([])
  const setting = await other.db.selectFrom('setting').select('name').execute()
  expect(setting.map(({ name }) => name)).toEqual(['access_revision'])
})
