import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { openStore } from '../../src/store/open-store.ts'
import { testStore } from '../support/database.ts'
import { eventually } from '../support/embedded.ts'

const store = await testStore()
const at = new Date('2018-11-30T00:00:00Z')

const put = (name: string) =>
  inTransaction(store, async (tx) => {
    await tx.insertInto('setting').values({ name, value: '1' }).execute()
  })
const names = async () =>
  (
    await store.db
      .selectFrom('setting')
      .select('name')
      // Migrations leave one of their own.
      .where('name', '!=', 'access_revision')
      .orderBy('name')
      .execute()
  ).map((r) => r.name)

it('commits what returns, rolls back what throws, and passes on the error', async () => {
  await put('kept')
  const failure = new Error('on purpose')
  const failing = inTransaction(store, async (tx) => {
    await tx.insertInto('setting').values({ name: 'dropped', value: '1' }).execute()
    throw failure
  })
  await expect(failing).rejects.toBe(failure)
  expect(await names()).toEqual(['kept'])
})

it('reports the first error of a transaction whose connection died, and goes on', async () => {
  const failing = inTransaction(store, async (tx) => {
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
  })
  await expect(failing).rejects.toMatchObject({ code: '57P01' })
  await put('after')
  expect(await names()).toContain('after')
})

it('survives an idle connection that dies, and says so', async () => {
  const lost: Error[] = []
  const other = await openStore(
    { databaseUrl: store.url },
    { onConnectionLost: (error) => lost.push(error) },
  )
  await store.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zhengqiao' and pid <> pg_backend_pid() and datname = current_database()",
  )
  await eventually(async () => {
    expect(lost.length).toBeGreaterThan(0)
  })
  const { rows } = await other.pool.query('select 1 as n')
  expect(rows).toEqual([{ n: 1 }])
  await other.close()
})

it('survives a connection that dies between two statements of a transaction', async () => {
  const failing = inTransaction(store, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await store.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await eventually(async () => {
      const { rows: left } = await store.pool.query('select from pg_stat_activity where pid = $1', [
        rows[0]?.pid,
      ])
      expect(left).toEqual([])
    })
    await tx.insertInto('setting').values({ name: 'lost', value: '1' }).execute()
  })
  await expect(failing).rejects.toThrow()
  expect(await names()).not.toContain('lost')
})

it('reads bigint as a number and refuses one that a number cannot hold', async () => {
  const { rows } = await store.pool.query('select 9007199254740991::bigint as n')
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }])
  await expect(store.pool.query('select 9007199254740992::bigint as n')).rejects.toThrow(RangeError)
})

it('stores bytes, lists, instants and JSON as it was given them', async () => {
  const frontier = [new Uint8Array([0, 255, 39]), Buffer.from([92])]
  await store.db.insertInto('ledger_node').values({ origin: 'o', size: 2, frontier }).execute()
  const nonce = { client_id: 'c', nonce: 'n', kept_until: at }
  await store.db.insertInto('ledger_nonce').values(nonce).execute()
  await store.db
    .insertInto('setting')
    .values({ name: 'list', value: '["a", {"b": null}]' })
    .execute()
  const node = await store.db.selectFrom('ledger_node').selectAll().executeTakeFirstOrThrow()
  expect(node).toMatchObject({ size: 2, frontier: [Buffer.from([0, 255, 39]), Buffer.from([92])] })
  expect(await store.db.selectFrom('ledger_nonce').selectAll().execute()).toEqual([nonce])
  const setting = store.db.selectFrom('setting').select('value').where('name', '=', 'list')
  expect(await setting.executeTakeFirst()).toEqual({ value: ['a', { b: null }] })
})

it('says what to do when the database cannot be reached, without its password', async () => {
  const refused = openStore({ databaseUrl: 'postgresql://u:secret@127.0.0.1:1/x' })
  const error: unknown = await refused.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'database_unreachable' })
  expect(String(error)).toContain('DATABASE_URL')
  expect(String(error)).not.toContain('secret')
})
