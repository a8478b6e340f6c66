import { afterAll, expect, it } from 'vitest'
import { parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import type { Store } from '../../src/store/open-store.ts'
import { testStore } from '../support/database.ts'
import { openLine } from './database-line.ts'
import { aFiling, aNonce, gateway, ledgerWorld, proved } from './ledger-world.ts'

// Starts the server outside any test's time.
const firstStore = await testStore()
const world = ledgerWorld()
const closing: (() => Promise<void> | void)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const opened = async (store: Parameters<typeof world.open>[0]) => {
  const ledger = await world.open(store)
  closing.push(() => ledger.close())
  return ledger
}

/** Recomputes a whole log from its entries and compares it with its newest checkpoint. */
const auditLog = async (store: Store, origin: string) => {
  const { rows } = await store.pool.query<{ position: number; entry: Buffer; receipt_no: string }>(
    `select position, entry, receipt_no from ledger_event join ledger_node using (node_id)
     where origin = $1 order by position`,
    [origin],
  )
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, n) => n))
  const notes = await store.pool.query<{ note: string }>(
    `select note from ledger_checkpoint join ledger_node using (node_id)
     where origin = $1 order by ledger_checkpoint.size desc limit 1`,
    [origin],
  )
  const { text } = openNote(notes.rows[0]?.note ?? '', [world.signer.key])
  const { size, root } = parseCheckpoint(text)
  expect(size).toBe(rows.length)
  expect(Buffer.from(root)).toEqual(Buffer.from(rootOf(rows.map(({ entry }) => leafHash(entry)))))
  return rows.map(({ receipt_no: no }) => no)
}

/** The n-th statement that inserts a checkpoint kills its own connection; a sequence survives that. */
const killWriterAt = async (store: Store, nth: number) => {
  await store.pool.query(`
    create sequence if not exists sabotage;
    create or replace function sabotage() returns trigger language plpgsql as $$
    begin
      if nextval('sabotage') = ${String(nth)} then perform pg_terminate_backend(pg_backend_pid()); end if;
      return new;
    end $$;
    create or replace trigger sabotage before insert on ledger_checkpoint
      for each row execute function sabotage()`)
}

it('answers every filing once when the connection is killed in the middle of a batch', async () => {
  const store = firstStore
  const ledger = await opened(store)
  await killWriterAt(store, 3)
  const filings = Array.from({ length: 600 }, () => aFiling())
  const receipts = await Promise.all(filings.map((filing) => ledger.file(filing)))
  for (const receipt of receipts) proved(receipt, world.signer)
  const logged = await auditLog(store, ledger.origin())
  expect([...logged].sort()).toEqual(filings.map(({ no }) => no).sort())
  expect(world.faults.length).toBeGreaterThan(0)
})

it('answers with the one event when the commit was done and its reply lost', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const ledger = await opened(line.storeOf(store))
  await ledger.file(aFiling())
  line.loseNextCommitReply()
  const filings = Array.from({ length: 10 }, () => aFiling())
  const receipts = await Promise.all(filings.map((filing) => ledger.file(filing)))
  for (const receipt of receipts) proved(receipt, world.signer)
  await ledger.file(aFiling())
  expect(await auditLog(store, ledger.origin())).toHaveLength(12)
  expect(ledger.origin()).toBe(`${gateway}/node-1`)
})

it('settles a write once when the reply to its move was lost', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const ledger = await opened(line.storeOf(store))
  const filing = aFiling()
  await inTransaction(store, (tx) => ledger.enqueue(tx, filing))
  line.loseNextCommitReply()
  proved(await ledger.settle(filing.no), world.signer)
  expect(await auditLog(store, ledger.origin())).toEqual([filing.no])
})

it('refuses with ledger_unavailable while the database is away, and files again when it is back', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const ledger = await opened(line.storeOf(store))
  await ledger.file(aFiling())
  line.cut()
  const lost = await Promise.allSettled([ledger.file(aFiling()), ledger.file(aFiling())])
  for (const outcome of lost) {
    expect(outcome).toMatchObject({ reason: { code: 'ledger_unavailable', status: 503 } })
  }
  expect(ledger.health().isWriting).toBe(false)
  expect(await ledger.probe()).toBe(false)
  const write = inTransaction(store, (tx) => ledger.enqueue(tx, aFiling()))
  await expect(write).rejects.toMatchObject({ code: 'ledger_unavailable' })
  line.mend()
  const filing = aFiling()
  proved(await ledger.file(filing), world.signer)
  expect(ledger.health().isWriting).toBe(true)
  expect(await auditLog(store, ledger.origin())).toHaveLength(2)
})

it('moves the event of a write that could not be settled as soon as the database is back', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const ledger = await opened(line.storeOf(store))
  const filing = aFiling()
  await inTransaction(store, (tx) => ledger.enqueue(tx, filing))
  line.cut()
  await expect(ledger.settle(filing.no)).rejects.toMatchObject({ code: 'ledger_unavailable' })
  expect(ledger.health().owed).toBe(1)
  line.mend()
  expect(await ledger.probe()).toBe(true)
  expect(ledger.health().owed).toBe(0)
  expect(await auditLog(store, ledger.origin())).toEqual([filing.no])
})

const abandon = async (store: Store) => {
  await store.pool.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = 'zhengqiao-ledger' and datname = current_database()`,
  )
}

it('brings the events of a crashed process into the log before the next one is ready', async () => {
  const store = await testStore()
  const crashed = await world.open(store)
  const filings = Array.from({ length: 300 }, (_, n) => aFiling({ at: new Date(1.5e12 + n) }))
  for (const filing of filings) await inTransaction(store, (tx) => crashed.enqueue(tx, filing))
  await abandon(store)
  const next = await opened(store)
  expect(next.origin()).toBe(`${gateway}/node-1`)
  expect(await auditLog(store, next.origin())).toEqual(filings.map(({ no }) => no))
  const receipt = await next.receipt(filings[299]?.no ?? aFiling().no)
  expect(receipt && proved(receipt, world.signer).index).toBe(299)
})

it('signs a tail that was left unsigned before it is ready', async () => {
  const store = await testStore()
  const crashed = await world.open(store)
  await crashed.file(aFiling())
  await crashed.file(aFiling())
  await crashed.close()
  await store.pool.query('delete from ledger_checkpoint where size = 2')
  const next = await opened(store)
  expect(next.checkpoint()).toBe(crashed.checkpoint())
  expect(await auditLog(store, next.origin())).toHaveLength(2)
})

it('adds nothing to a tree that is not the one that was signed', async () => {
  const store = await testStore()
  const ledger = await world.open(store)
  await ledger.file(aFiling())
  await ledger.close()
  await store.pool.query('update ledger_node set frontier = $1', [[Buffer.alloc(32, 1)]])
  await expect(world.open(store)).rejects.toThrow('restore the database')
})

it('fails a batch as a whole when somebody else has moved the tree', async () => {
  const store = await testStore()
  const ledger = await world.open(store)
  await ledger.file(aFiling())
  await store.pool.query('update ledger_node set size = 7')
  const filing = aFiling()
  await expect(ledger.file(filing)).rejects.toMatchObject({ code: 'ledger_unavailable' })
  expect(await ledger.receipt(filing.no)).toBeUndefined()
  await ledger.close()
})

it('gives each of two gateways on one database its own log, and one nonce to one of them', async () => {
  const store = await testStore()
  const [one, two] = [await opened(store), await opened(store)]
  expect([one.origin(), two.origin()]).toEqual([`${gateway}/node-1`, `${gateway}/node-2`])
  const nonces = Array.from({ length: 100 }, () => aNonce())
  const outcomes = await Promise.all(
    nonces.map((nonce, n) =>
      Promise.allSettled(
        (n % 2 === 0 ? [one, two] : [two, one]).map((ledger) => ledger.file(aFiling({ nonce }))),
      ),
    ),
  )
  for (const pair of outcomes) {
    expect(pair.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(pair.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'nonce_replayed' },
    })
  }
  const logs = [await auditLog(store, one.origin()), await auditLog(store, two.origin())]
  expect(logs.flat()).toHaveLength(100)
  const receipt = await two.receipt((await one.file(aFiling())).no)
  expect(receipt && proved(receipt, world.signer).origin).toBe(one.origin())
})

it('leaves the outbox of a living gateway alone, and adopts that of a dead one', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const one = await world.open(line.storeOf(store))
  const filing = aFiling()
  await inTransaction(store, (tx) => one.enqueue(tx, filing))
  const two = await opened(store)
  expect(await auditLog(store, two.origin())).toEqual([])
  line.cut()
  await expect.poll(() => lockedNodes(store)).toBe(1)
  const three = await opened(store)
  expect(three.origin()).toBe(`${gateway}/node-1`)
  expect(await auditLog(store, three.origin())).toEqual([filing.no])
})

const lockedNodes = async (store: Store): Promise<number> => {
  const { rows } = await store.pool.query<{ n: number }>(
    `select count(*)::integer as n from pg_locks join pg_database d on d.oid = database
     where locktype = 'advisory' and datname = current_database() and classid = ${String(0x7a71)}`,
  )
  return rows[0]?.n ?? 0
}

it('goes on under another name when its own was taken while it was cut off', async () => {
  const store = await testStore()
  const line = await openLine(store.url)
  closing.push(line.close)
  const one = await opened(line.storeOf(store))
  await one.file(aFiling())
  line.cut()
  await expect.poll(() => lockedNodes(store)).toBe(0)
  const two = await opened(store)
  expect(two.origin()).toBe(`${gateway}/node-1`)
  await two.file(aFiling())
  line.mend()
  await one.file(aFiling())
  expect(one.origin()).toBe(`${gateway}/node-2`)
  expect(await auditLog(store, `${gateway}/node-1`)).toHaveLength(2)
  expect(await auditLog(store, `${gateway}/node-2`)).toHaveLength(1)
})

it('is not held up by a transaction that has used a nonce and does not end', async () => {
  const store = await testStore()
  const ledger = await opened(store)
  const nonce = aNonce()
  const hanging = await store.pool.connect()
  await hanging.query('begin')
  await hanging.query('insert into ledger_nonce values ($1, $2, now())', [
    nonce.clientId,
    nonce.nonce,
  ])
  const outcomes = await Promise.allSettled([
    ledger.file(aFiling()),
    ledger.file(aFiling({ nonce })),
    ledger.file(aFiling()),
  ])
  await hanging.query('rollback')
  hanging.release()
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
