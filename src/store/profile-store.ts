import type { ProfileName } from '../crypto/algorithms.ts'
import type { Tx } from './in-transaction.ts'
import type { Store } from './open-store.ts'
import { StoreError } from './store-error.ts'

/**
 * Refuses a database that was set up under another profile: its digests and blobs would not be understood.
 * One that has never been set up suits any; one from before there were profiles is international.
 * @throws StoreError profile_mismatch
 */
export const requireProfile = async (
  { pool }: Pick<Store, 'pool'>,
  wanted: ProfileName = 'international',
): Promise<void> => {
  const { rows } = await pool.query<{ known: boolean }>(
    "select to_regclass('setting') is not null as known",
  )
  if (rows[0]?.known !== true) return
  const found = await pool.query<{ value: unknown }>(
    "select value from setting where name = 'profile'",
  )
  const stored = found.rows[0]?.value ?? 'international'
  if (stored !== wanted) throw mismatch(JSON.stringify(stored), wanted)
}

/** Keeps the profile for good; the database refuses to change it. @throws StoreError profile_mismatch */
export const storeProfile = async (tx: Tx, profile: ProfileName): Promise<void> => {
  await tx
    .insertInto('setting')
    .values({ name: 'profile', value: JSON.stringify(profile) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { value } = await tx
    .selectFrom('setting')
    .select('value')
    .where('name', '=', 'profile')
    .executeTakeFirstOrThrow()
  if (value !== profile) throw mismatch(JSON.stringify(value), profile)
}

const mismatch = (stored: string, wanted: string): StoreError =>
  new StoreError(
    'profile_mismatch',
    `此数据库按算法配置 ${stored} 初始化,而 gateway.json 写的是 ${wanted};算法配置不能更改,请恢复 gateway.json 或换一个数据库。`,
    `This database was set up under profile ${stored} and gateway.json says ${wanted}; a profile cannot be changed: restore gateway.json or use another database.`,
  )
