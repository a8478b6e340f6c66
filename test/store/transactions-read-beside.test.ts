import { expect, it } from 'vitest'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { openStore } from '../../src/store/open-store.ts'
import { emptyDatabaseUrl } from '../support/database.ts'

it.each([2, 4, 16])(
  'many transactions that also read outside themselves never wait for each other (pool of %i)',
  async (connectionsMax) => {
    const store = await openStore({ databaseUrl: await emptyDatabaseUrl() }, { connectionsMax })
    const began = performance.now()
    const done = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        inTransaction(store, async (tx) => {
          await tx.selectNoFrom((eb) => eb.val(at).as('one')).execute()
          await store.pool.query('select 1')
          return at
        }),
      ),
    )
    expect(done).toHaveLength(60)
    // The pool gives up on a waiting request after 10 s.
    expect(performance.now() - began).toBeLessThan(9000)
    await expect(inTransaction(store, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await store.close()
  },
)
