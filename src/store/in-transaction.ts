import type { Transaction } from 'kysely'
import type { Store } from './open-store.ts'
import type { Database } from './schema.ts'
import { transactionGate } from './transaction-gate.ts'

/** An open transaction; every function that locks or writes takes one. */
export type Tx = Transaction<Database>

/**
 * Runs `work` in one transaction (read committed): commits when it returns, rolls back when it throws
 * and passes on what it threw, even if the rollback finds the connection dead.
 */
export const inTransaction = async <Result>(
  store: Pick<Store, 'db'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> => {
  const gate = transactionGate(store.db)
  await gate?.enter()
  try {
    return await transact(store, work)
  } finally {
    gate?.leave()
  }
}

const transact = async <Result>(
  store: Pick<Store, 'db'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> => {
  const thrown: unknown[] = []
  try {
    return await store.db.transaction().execute(async (tx) => {
      try {
        return await work(tx)
      } catch (error) {
        thrown.push(error)
        throw error
      }
    })
  } catch (error) {
    throw thrown.length > 0 ? thrown[0] : error
  }
}
