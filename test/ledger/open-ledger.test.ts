import { randomBytes } from 'node:crypto'
import { afterAll, expect, it, vi } from 'vitest'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import { digestText } from '../../src/crypto/digest.ts'
import { isJsonObject, type JsonObject } from '../../src/crypto/json-value.ts'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import type { Filing } from '../../src/ledger/filing.ts'
import { readKeptRequest } from '../../src/ledger/read-kept-request.ts'
import { emptyTrustFolder } from '../../src/trust/load-trust.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { parseTlogProof } from '../../src/crypto/tlog-proof.ts'
import { testStore } from '../support/database.ts'
import { aFiling, aNonce, aNoteSigner, gateway, ledgerWorld, now, proved } from './ledger-world.ts'

const store = await testStore()
const world = ledgerWorld()
const ledger = await world.open(store)
afterAll(() => ledger.close())

const countEvents = async (numbers: readonly string[]): Promise<number> => {
  const { rows } = await store.pool.query<{ n: number }>(
    'select count(*)::integer as n from ledger_event where receipt_no = any($1)',
    [numbers],
  )
  return rows[0]?.n ?? 0
}

it('signs the empty tree before it is ready', () => {
  expect(ledger.origin()).toBe(`${gateway}/node-1`)
  expect(ledger.checkpoint()).toMatch(/^gateway\.example\/node-1\n0\n/)
})

it('answers a filing with a receipt that verifies with the public key alone', async () => {
  const filing = aFiling()
  const receipt = await ledger.file(filing)
  expect(proved(receipt, world.signer).origin).toBe(`${gateway}/node-1`)
  expect(JSON.parse(Buffer.from(receipt.event, 'base64url').toString())).toEqual(filing.event)
})

it('files 1,000 concurrent exchanges once each, each with a proof, in fewer commits', async () => {
  const before = ledger.health()
  const filings = Array.from({ length: 1000 }, () => aFiling())
  const receipts = await Promise.all(filings.map((filing) => ledger.file(filing)))
  const places = receipts.map((receipt) => proved(receipt, world.signer).index)
  expect(new Set(places).size).toBe(1000)
  expect(await countEvents(filings.map(({ no }) => no))).toBe(1000)
  const after = ledger.health()
  expect(after.events - before.events).toBe(1000)
  expect(after.drains - before.drains).toBeLessThan(20)
})

it('rebuilds every receipt from the tables byte for byte, after the log has grown', async () => {
  const receipts = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n))
      return ledger.file(aFiling())
    }),
  )
  await Promise.all(Array.from({ length: 300 }, () => ledger.file(aFiling())))
  for (const receipt of receipts) expect(await ledger.receipt(receipt.no)).toEqual(receipt)
})

it('refuses a nonce that was used before, and one of two that come at once', async () => {
  const nonce = aNonce()
  const [first, second] = await Promise.allSettled([
    ledger.file(aFiling({ nonce })),
    ledger.file(aFiling({ nonce })),
  ])
  const third = await Promise.allSettled([ledger.file(aFiling({ nonce }))])
  expect(first.status).toBe('fulfilled')
  for (const outcome of [second, ...third]) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'nonce_replayed' } })
  }
})

it('takes the same nonce from another client', async () => {
  const nonce = aNonce('one')
  await ledger.file(aFiling({ nonce }))
  await expect(
    ledger.file(aFiling({ nonce: { ...nonce, clientId: 'two' } })),
  ).resolves.toBeDefined()
})

it('leaves no trace of a replayed filing but its refusal', async () => {
  const nonce = aNonce()
  await ledger.file(aFiling({ nonce }))
  const replay = aFiling({ nonce })
  await expect(ledger.file(replay)).rejects.toThrow('nonce_replayed')
  expect(await countEvents([replay.no])).toBe(0)
  expect(await ledger.receipt(replay.no)).toBeUndefined()
})

const idempotencyRow = (key: string) => ({
  client_id: 'clerk-city',
  key,
  method_path: 'POST /v1/cases/x/fetches',
  body_digest: Buffer.alloc(32, 1),
  lease_until: new Date(),
  status: 200,
  receipt_no: 'r',
  result_blob: randomBytes(2000),
  key_id: 'k',
  created_at: new Date(),
})

it('stores companions with the event, bytes and times unchanged', async () => {
  const row = idempotencyRow(randomBytes(8).toString('hex'))
  await ledger.file(aFiling({ companions: [{ table: 'idempotency', row, conflict: 'lost' }] }))
  const { rows } = await store.pool.query('select * from idempotency where key = $1', [row.key])
  expect(rows).toEqual([row])
})

it('refuses the slower of two filings with one idempotency key, and stores nothing of it', async () => {
  const row = idempotencyRow(randomBytes(8).toString('hex'))
  const companions = [{ table: 'idempotency', row, conflict: 'lost' }] as const
  const [fast, slow] = [aFiling({ companions }), aFiling({ companions })]
  const outcomes = await Promise.allSettled([ledger.file(fast), ledger.file(slow)])
  const late = await Promise.allSettled([ledger.file(aFiling({ companions }))])
  expect(outcomes[0].status).toBe('fulfilled')
  for (const outcome of [outcomes[1], ...late]) {
    expect(outcome).toMatchObject({ reason: { code: 'idempotency_in_progress' } })
  }
  expect(await countEvents([fast.no, slow.no])).toBe(1)
})

it('inserts rows in the order of their keys, so that two writers cannot wait for each other', async () => {
  const name = randomBytes(8).toString('hex')
  const [first, last] = [idempotencyRow(`${name}-1`), idempotencyRow(`${name}-2`)]
  const columns = 'client_id, key, method_path, body_digest, lease_until, created_at'
  const values = `'clerk-city', $1, 'POST /v1/x', '\\x00', now(), now()`
  const insert = `insert into idempotency (${columns}) values (${values})`
  const other = await store.pool.connect()
  try {
    await other.query('begin')
    await other.query(insert, [first.key])
    const filings = [last, first].map((row) =>
      aFiling({ companions: [{ table: 'idempotency', row, conflict: 'lost' }] }),
    )
    const outcomes = Promise.allSettled(filings.map((filing) => ledger.file(filing)))
    await vi.waitUntil(async () => {
      const { rowCount } = await store.pool.query(
        `select from pg_locks l join pg_stat_activity a using (pid)
         where not l.granted and a.application_name = 'zhengqiao-ledger'`,
      )
      return rowCount === 1
    }, 10_000)
    await other.query(`set local lock_timeout = '300ms'`)
    await other.query(insert, [last.key])
    await other.query('rollback')
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  } finally {
    other.release()
  }
})

it('replaces a row when the companion says so', async () => {
  const row = idempotencyRow(randomBytes(8).toString('hex'))
  await ledger.file(aFiling({ companions: [{ table: 'idempotency', row, conflict: 'replace' }] }))
  const changed = { ...row, status: 202 }
  const companions = [{ table: 'idempotency', row: changed, conflict: 'replace' }] as const
  await ledger.file(aFiling({ companions }))
  const { rows } = await store.pool.query('select status from idempotency where key = $1', [
    row.key,
  ])
  expect(rows).toEqual([{ status: 202 }])
})

it('refuses one filing that the database cannot take, and files the others of its batch', async () => {
  const bad = aFiling({ companions: [{ table: 'case_fetch', row: { fetch_id: 'no uuid' } }] })
  const good = Array.from({ length: 20 }, () => aFiling())
  const outcomes = await Promise.allSettled(
    [...good.slice(0, 10), bad, ...good.slice(10)].map((filing) => ledger.file(filing)),
  )
  expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { code: 'ledger_unavailable' } },
  ])
  expect(await countEvents([...good, bad].map(({ no }) => no))).toBe(20)
  expect(ledger.health().isWriting).toBe(true)
})

it.each(['idempotency; drop table ledger_event', 'Idempotency', '"x"'])(
  'never turns the table name %j into SQL',
  async (table) => {
    const filing = aFiling({ companions: [{ table, row: { a: 1 } }] })
    await expect(ledger.file(filing)).rejects.toMatchObject({ code: 'ledger_unavailable' })
  },
)

it('refuses an event whose case id is not a UUID before it reaches the queue', async () => {
  await expect(ledger.file(aFiling({ deed: { caseId: 'x' } }))).rejects.toThrow(RangeError)
})

it('moves the event of a committed write into the log', async () => {
  const filing = aFiling({ deed: { action: 'case.register' } })
  await inTransaction(store, (tx) => ledger.enqueue(tx, filing))
  expect(await countEvents([filing.no])).toBe(0)
  const receipt = await ledger.settle(filing.no)
  proved(receipt, world.signer)
  expect(await ledger.receipt(filing.no)).toEqual(receipt)
  expect(await ledger.settle(filing.no)).toEqual(receipt)
})

it('commits the companions of a write with the write, and refuses it when its key is lost', async () => {
  const row = idempotencyRow(randomBytes(8).toString('hex'))
  const companions = [{ table: 'idempotency', row, conflict: 'lost' }] as const
  await inTransaction(store, (tx) => ledger.enqueue(tx, aFiling({ companions })))
  const again = inTransaction(store, (tx) => ledger.enqueue(tx, aFiling({ companions })))
  await expect(again).rejects.toMatchObject({ code: 'idempotency_in_progress' })
  const { rows } = await store.pool.query('select * from idempotency where key = $1', [row.key])
  expect(rows).toEqual([row])
})

it('leaves no event, nonce or request of a write that was rolled back', async () => {
  const filing = aFiling()
  const rolledBack = inTransaction(store, async (tx) => {
    await ledger.enqueue(tx, filing)
    throw new Error('the write failed')
  })
  await expect(rolledBack).rejects.toThrow('the write failed')
  await expect(ledger.settle(filing.no)).rejects.toMatchObject({ code: 'ledger_unavailable' })
  expect(await countEvents([filing.no])).toBe(0)
  await expect(ledger.file(aFiling({ nonce: filing.nonce ?? aNonce() }))).resolves.toBeDefined()
})

it('refuses a write whose nonce was used before', async () => {
  const nonce = aNonce()
  await ledger.file(aFiling({ nonce }))
  const write = inTransaction(store, (tx) => ledger.enqueue(tx, aFiling({ nonce })))
  await expect(write).rejects.toMatchObject({ code: 'nonce_replayed' })
})

it('files a write without nonce or request, as the gateway does by itself', async () => {
  const { no, event, search } = aFiling()
  await inTransaction(store, (tx) => ledger.enqueue(tx, { no, event, search }))
  proved(await ledger.settle(no), world.signer)
})

it('settles many writes at once, each with its own receipt', async () => {
  const filings = Array.from({ length: 50 }, () => aFiling())
  const receipts = await Promise.all(
    filings.map(async (filing) => {
      await inTransaction(store, (tx) => ledger.enqueue(tx, filing))
      return ledger.settle(filing.no)
    }),
  )
  expect(receipts.map(({ no }) => no)).toEqual(filings.map(({ no }) => no))
  for (const receipt of receipts) proved(receipt, world.signer)
})

it('keeps events and requests encrypted, bound to their receipt', async () => {
  const filing = aFiling({ clientId: 'a-client-to-look-for' })
  await ledger.file(filing)
  const { rows } = await store.pool.query<{ blob: Buffer; request: Buffer; key_id: string }>(
    `select e.blob, r.blob as request, e.key_id from ledger_event e
     join ledger_request r using (receipt_no) where receipt_no = $1`,
    [filing.no],
  )
  const [row] = rows
  if (!row) throw new Error('no row')
  expect(row.blob.includes('a-client-to-look-for')).toBe(false)
  expect(row.request.includes('@method')).toBe(false)
  expect(() => world.keys.open(row.blob, row.key_id, Buffer.from('ledger.event|OTHER'))).toThrow()
  expect(() =>
    world.keys.open(row.request, row.key_id, Buffer.from(`ledger.event|${filing.no}`)),
  ).toThrow()
})

it('gives back the signed request that is kept beside the event', async () => {
  const [read, write] = [aFiling(), aFiling()]
  await ledger.file(read)
  await inTransaction(store, (tx) => ledger.enqueue(tx, write))
  const deps = { db: store.db, keys: world.keys }
  for (const { no, request } of [read, write]) {
    expect(await readKeptRequest(deps, no)).toEqual(request)
  }
  expect(await readKeptRequest(deps, aFiling().no)).toBeUndefined()
  await ledger.settle(write.no)
})

it('hands out receipts that the verification passes', async () => {
  const data = { materials: [] }
  const responseDigest = digestText('sha-256', canonicalJson(data))
  const { event, ...filing } = aFiling()
  const receipt = await ledger.file({ ...filing, event: { ...asObject(event), responseDigest } })
  const trust = openVerificationTrust({
    ...emptyTrustFolder,
    noteKeys: [formatVerifierKey(world.signer.key)],
  })
  const file = Buffer.from(JSON.stringify({ receipt, data }))
  expect(verifyArtefact(file, { trust, at: now }).verdict).toBe('TOTAL_PASSED')
})

const asObject = (event: Filing['event']): JsonObject => {
  if (!isJsonObject(event)) throw new Error('no object')
  return event
}

it('forgets nonces whose time is over, and only those', async () => {
  const old = { ...aNonce('purge'), keptUntil: new Date('2018-11-30T00:00:00Z') }
  const young = aNonce('purge')
  await ledger.file(aFiling({ nonce: old }))
  await ledger.file(aFiling({ nonce: young }))
  expect(await ledger.purgeNonces(now)).toBe(1)
  const { rows } = await store.pool.query('select nonce from ledger_nonce where client_id = $1', [
    'purge',
  ])
  expect(rows).toEqual([{ nonce: young.nonce }])
})

it('forgets no nonce before its time by the database’s clock, whatever a node says', async () => {
  const young = { ...aNonce('ahead'), keptUntil: new Date(Date.now() + 3_600_000) }
  await ledger.file(aFiling({ nonce: young }))
  await ledger.purgeNonces(new Date(Date.now() + 86_400_000))
  await expect(ledger.file(aFiling({ nonce: young }))).rejects.toMatchObject({
    code: 'nonce_replayed',
  })
})

it('puts a receipt into the first checkpoint that covers it', async () => {
  const receipt = await ledger.file(aFiling())
  const { index, size } = proved(receipt, world.signer)
  expect(size).toBe(index + 1)
  expect(parseTlogProof(receipt.proof).checkpoint).toBe(ledger.checkpoint())
})

it('signs the tree anew when the note key has changed', async () => {
  const other = await testStore()
  const first = await world.open(other)
  await first.file(aFiling())
  await first.close()
  const signer = aNoteSigner()
  const second = await openLedger({ ...world.deps(other), noteSigners: [signer] })
  expect(second.checkpoint()).toContain(`— ${gateway} `)
  expect(second.checkpoint()).not.toBe(first.checkpoint())
  expect(proved(await second.file(aFiling()), signer).index).toBe(1)
  await second.close()
})
