import pg from 'pg'
import { unreachable } from './open-store.ts'

/** First half of the advisory lock's key; the second is a hash of the data key's id. */
const lockClass = 0x7a6b

/**
 * Every gateway holds this, shared, for the key under which it writes. Who wants to take rows away from a
 * key holds it alone, so that no gateway writes new rows under that key meanwhile or later.
 */
export const shareDataKeySql = `select pg_try_advisory_lock_shared(${String(lockClass)}, hashtext($1)) as locked`

const takeSql = `select pg_try_advisory_lock(${String(lockClass)}, hashtext($1)) as locked`

export type HeldDataKey = {
  /** False once the connection, and with it the lock, is lost. */
  readonly isHeld: () => boolean
  readonly release: () => Promise<void>
}

/** Holds a data key alone; undefined while some gateway writes under it. */
export const holdDataKey = async (url: string, keyId: string): Promise<HeldDataKey | undefined> => {
  const client = new pg.Client({ connectionString: url, application_name: 'zhengqiao-keys' })
  let alive = true
  const die = () => {
    alive = false
  }
  client.on('error', die)
  client.on('end', die)
  try {
    await client.connect()
  } catch (error) {
    throw unreachable(error)
  }
  const { rows } = await client.query<{ locked: boolean }>(takeSql, [keyId])
  if (rows[0]?.locked === true) return { isHeld: () => alive, release: () => client.end() }
  await client.end()
  return undefined
}
