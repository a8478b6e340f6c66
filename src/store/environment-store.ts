import type { Kysely } from 'kysely'
import { StoreError } from './store-error.ts'
import type { Database } from './schema.ts'

const name = 'environment'

/**
 * Holds the database to the mode for which it was first used: a sandbox gateway never opens the live
 * city's, nor the other way round.
 * @throws StoreError wrong_environment
 */
export const requireEnvironment = async (db: Kysely<Database>, mode: string): Promise<void> => {
  await db
    .insertInto('setting')
    .values({ name, value: JSON.stringify(mode) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { value } = await db
    .selectFrom('setting')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  if (value === mode) return
  const other = typeof value === 'string' ? value : '?'
  throw new StoreError(
    'wrong_environment',
    `此数据库属于 ${other} 网关,本网关是 ${mode}:两者不得混用,请核对 DATABASE_URL 和数据目录`,
    `the database belongs to a ${other} gateway and this one is ${mode}; check DATABASE_URL and the data folder`,
  )
}
