import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RequestKey } from '../../src/client/sign-request.ts'
import { asId } from '../../src/contract/ids.ts'
import { digest, digestText } from '../../src/crypto/digest.ts'
import { GatewayError } from '../../src/contract/error.ts'
import { setOperatorSuspended } from '../../src/access/operator-store.ts'
import { keptMs, leaseMs } from '../../src/http/idempotency.ts'
import {
  insertReservation,
  purgeIdempotency,
  saveResult,
  takeOverReservation,
} from '../../src/http/idempotency-store.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import type { EvidenceLedger } from '../../src/http/pipeline-deps.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody } from './http-world.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
const ledgerFaults: { file?: GatewayError; settle?: Error } = {}
let world: HttpWorld
let clerk: RequestKey

const failing = (ledger: EvidenceLedger): EvidenceLedger => ({
  file: (filing) => (ledgerFaults.file ? Promise.reject(ledgerFaults.file) : ledger.file(filing)),
  enqueue: ledger.enqueue,
  settle: (no) => (ledgerFaults.settle ? Promise.reject(ledgerFaults.settle) : ledger.settle(no)),
})

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds), aroundLedger: failing })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
})

beforeEach(() => {
  world.time.now = new Date('2026-11-23T02:00:00.000Z')
  deeds.nextRead = undefined
  deeds.duringWrite = undefined
  delete ledgerFaults.file
  delete ledgerFaults.settle
})

let count = 0
const write = (key: string, name = `n${String(++count)}`) => ({
  method: 'POST' as const,
  path: '/v1/notes',
  body: jsonBody({ name }),
  idempotencyKey: key,
})
const fetchOf = (key: string, name = 'x') => ({
  method: 'POST' as const,
  path: '/v1/notes/a/fetches',
  body: jsonBody({ name }),
  idempotencyKey: key,
  operatorId: 'clerk-001',
})

const writtenNames = async (): Promise<readonly string[]> => {
  const rows = await world.store.db.selectFrom('setting').select('name').execute()
  return rows.map(({ name }) => name)
}

describe('a write that is sent again', () => {
  it('is answered as the first time and done once, under a receipt that names the first', async () => {
    const request = write('w1')
    const first = await world.ask(clerk, request)
    const again = await world.ask(clerk, request)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.json['data']).toEqual(first.json['data'])
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(eventOf(again)).toMatchObject({
      action: 'replay',
      detail: { operation: 'addNote', firstReceiptNo: eventOf(first)['no'] },
      responseDigest: eventOf(first)['responseDigest'],
    })
  })

  it('leaves no hash by which somebody without the key could try what was sent', async () => {
    const request = write('w1-hash', '张三')
    await world.ask(clerk, request)
    const row = await world.store.db
      .selectFrom('idempotency')
      .select('body_digest')
      .where('key', '=', 'w1-hash')
      .executeTakeFirstOrThrow()
    const plain = digest('sha-256', request.body)
    expect(row.body_digest.equals(Buffer.from(plain))).toBe(false)
    const known = world.dataKeys.index('request', digestText('sha-256', request.body))
    expect(row.body_digest.equals(known.index)).toBe(true)
  })

  it('is refused with another body or for another address', async () => {
    await world.ask(clerk, write('w2', 'one'))
    const other = await world.ask(clerk, write('w2', 'two'))
    expect(other).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    expect((await world.ask(clerk, fetchOf('w2', 'one'))).code).toBe('idempotency_key_reused')
    expect(await writtenNames()).not.toContain('note-two')
  })

  it('is told to wait while the first is under way, on every node', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let begun = (): void => undefined
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    deeds.duringWrite = () => {
      begun()
      return held
    }
    const request = write('w3')
    const first = world.ask(clerk, request)
    await running
    const otherNode = world.makeApp()
    const second = await world.send(await world.sign(clerk, request), otherNode)
    expect(second).toMatchObject({ status: 409, code: 'idempotency_in_progress' })
    expect(second.headers.get('retry-after')).toBe('1')
    release()
    expect((await first).status).toBe(201)
  })

  it('runs again after a refusal', async () => {
    const request = write('w4', 'refuse')
    expect((await world.ask(clerk, request)).code).toBe('version_conflict')
    expect((await world.ask(clerk, request)).code).toBe('version_conflict')
  })

  it('runs again when the first run died, and only once of two', async () => {
    const request = write('w5')
    const now = world.time.now
    deeds.duringWrite = async () => {
      // The process of the first run hangs past its lease; a second one takes over meanwhile.
      deeds.duringWrite = undefined
      world.time.now = new Date(now.getTime() + leaseMs + 1)
      const row = await world.store.db
        .selectFrom('idempotency')
        .selectAll()
        .where('key', '=', 'w5')
        .executeTakeFirstOrThrow()
      await world.store.db
        .updateTable('idempotency')
        .set({ lease_until: world.time.now })
        .where('key', '=', row.key)
        .execute()
    }
    expect((await world.ask(clerk, request)).code).toBe('idempotency_in_progress')
    expect((await writtenNames()).filter((name) => name.startsWith('note-n'))).not.toContain(
      `note-n${String(count)}`,
    )
    world.time.now = new Date(world.time.now.getTime() + 1)
    expect((await world.ask(clerk, request)).status).toBe(201)
    world.time.now = now
  })

  it('keeps the result that the first run committed at the last moment', async () => {
    const { store, dataKeys, time } = world
    const { index } = dataKeys.index('request', 'body')
    const request = {
      clientId: 'clerk',
      key: 'w-last-moment',
      methodPath: 'POST /v1/notes',
      bodyDigest: index,
      bodyDigests: [index],
    }
    const leaseUntil = new Date(time.now.getTime() + leaseMs)
    const times = { createdAt: time.now, leaseUntil }
    await insertReservation(store.db, request, times)
    const reservation = { ...request, leaseUntil, first: undefined, replaces: false }
    const result = { receiptNo: 'R', status: 201, dataText: '{}' } as const
    const saved = await inTransaction(store, (tx) => saveResult(tx, dataKeys, reservation, result))
    expect(saved).toBe(true)
    const seen = { leaseUntil, hadResult: false }
    const later = { createdAt: leaseUntil, leaseUntil: new Date(leaseUntil.getTime() + leaseMs) }
    expect(await takeOverReservation(store.db, request, seen, later)).toBe(false)
  })

  it('after an answer that was lost on the way gets that answer', async () => {
    const request = write('w6')
    ledgerFaults.settle = new GatewayError('ledger_unavailable')
    expect(await world.ask(clerk, request)).toMatchObject({
      status: 503,
      code: 'ledger_unavailable',
    })
    delete ledgerFaults.settle
    const again = await world.ask(clerk, request)
    expect(again.status).toBe(201)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })

  it('after an answer that broke behind the commit is not called a replayed nonce', async () => {
    const request = write('w6b')
    ledgerFaults.settle = new Error('broken')
    expect(await world.ask(clerk, request)).toMatchObject({ status: 500, code: 'internal' })
    delete ledgerFaults.settle
    expect((await world.ask(clerk, request)).headers.get('idempotent-replayed')).toBe('true')
  })

  it('is forgotten after seven days', async () => {
    const request = write('w7')
    await world.ask(clerk, request)
    const before = world.time.now
    world.time.now = new Date(before.getTime() + keptMs + 1)
    const late = await world.addClient({
      id: 'late',
      roles: ['C'],
      notAfter: new Date('2030-01-01T00:00:00Z'),
    })
    expect((await world.ask(late, write('w8'))).status).toBe(201)
    const purged = await purgeIdempotency(
      world.store.db,
      new Date(world.time.now.getTime() - keptMs),
    )
    expect(purged).toBeGreaterThan(0)
    world.time.now = before
    const rows = await world.store.db.selectFrom('idempotency').select('key').execute()
    expect(rows).toContainEqual({ key: 'w8' })
    expect(rows).not.toContainEqual({ key: 'w7' })
  })

  it('needs a key, of 255 characters at most', async () => {
    const { idempotencyKey: key, ...bare } = write('w9')
    expect(key).toBe('w9')
    expect((await world.ask(clerk, bare)).json['errors']).toMatchObject([
      { code: 'idempotency_key_missing' },
    ])
    expect((await world.ask(clerk, write('k'.repeat(256)))).code).toBe('validation_failed')
    expect((await world.ask(clerk, write('k'.repeat(255)))).status).toBe(201)
  })

  it("does not meet another client's key", async () => {
    const other = await world.addClient({ id: 'other', roles: ['C'] })
    expect((await world.ask(clerk, write('shared'))).status).toBe(201)
    expect((await world.ask(other, write('shared'))).headers.get('idempotent-replayed')).toBeNull()
  })
})

describe('a read that is sent again under its key', () => {
  it('gets the first answer, filed as a replay', async () => {
    const first = await world.ask(clerk, fetchOf('f1'))
    const again = await world.ask(clerk, fetchOf('f1'))
    expect(again.json['data']).toEqual(first.json['data'])
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(eventOf(again)).toMatchObject({
      action: 'replay',
      detail: { firstReceiptNo: eventOf(first)['no'] },
    })
  })

  it('gets nothing when the caller may not have it any more', async () => {
    await world.ask(clerk, fetchOf('f2'))
    deeds.nextRead = () => Promise.reject(new GatewayError('type_not_granted'))
    const again = await world.ask(clerk, fetchOf('f2'))
    expect(again).toMatchObject({ status: 403, code: 'type_not_granted' })
    deeds.nextRead = undefined
    await setOperatorSuspended(world.store.db, asId('clerk-001'), world.time.now)
    expect((await world.ask(clerk, fetchOf('f2'))).code).toBe('operator_suspended')
    await setOperatorSuspended(world.store.db, asId('clerk-001'), null)
  })

  it('is answered once when two nodes are asked at the same time', async () => {
    const nodes = [world.makeApp(), world.makeApp(), world.makeApp()]
    const replies = await Promise.all(
      nodes.map(async (node) => world.send(await world.sign(clerk, fetchOf('f3')), node)),
    )
    const fresh = replies.filter(
      ({ status, headers }) => status === 200 && headers.get('idempotent-replayed') === null,
    )
    expect(fresh).toHaveLength(1)
    for (const reply of replies)
      expect(reply.status === 200 || reply.code === 'idempotency_in_progress').toBe(true)
  })

  it('is told to wait while this node is answering it', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let begun = (): void => undefined
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    deeds.nextRead = async () => {
      begun()
      await held
      throw new GatewayError('case_closed')
    }
    const first = world.ask(clerk, fetchOf('f4'))
    await running
    expect((await world.ask(clerk, fetchOf('f4'))).code).toBe('idempotency_in_progress')
    release()
    expect((await first).code).toBe('case_closed')
    deeds.nextRead = undefined
    expect((await world.ask(clerk, fetchOf('f4'))).status).toBe(200)
  })
})

describe('a nonce', () => {
  it('is good once on all nodes, for reads and writes', async () => {
    const otherNode = world.makeApp()
    for (const request of [fetchOf('n1'), write('n2')]) {
      const signed = await world.sign(clerk, request)
      expect((await world.send(signed)).status).toBeLessThan(300)
      expect(await world.send(signed)).toMatchObject({ status: 401, code: 'nonce_replayed' })
    }
    const read = { path: '/v1/notes/x', operatorId: 'clerk-001' }
    const signed = await world.sign(clerk, read)
    expect((await world.send(signed)).status).toBe(200)
    const elsewhere = await world.send(signed, otherNode)
    expect(elsewhere).toMatchObject({ status: 401, code: 'nonce_replayed' })
    expect(eventOf(elsewhere)).toMatchObject({ code: 'nonce_replayed', decision: 'denied' })
  })

  it('that reaches two nodes at once lets a write stand once at most, as the answers say', async () => {
    const signed = await world.sign(clerk, write('n3', 'once'))
    const replies = await Promise.all(
      [world.app, world.makeApp()].map((node) => world.send(signed, node)),
    )
    const written = (await writtenNames()).filter((name) => name === 'note-once')
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(written.length)
    expect(written.length).toBeLessThanOrEqual(1)
  })

  it('is remembered for as long as any node would still take its signature', async () => {
    const signed = await world.sign(clerk, { path: '/v1/notes/a', operatorId: 'clerk-001' })
    expect((await world.send(signed)).status).toBe(200)
    const { now } = world.time
    world.time.now = new Date(now.getTime() + 120_900)
    await world.ledger.purgeNonces(world.time.now)
    expect((await world.send(signed, world.makeApp())).code).toBe('nonce_replayed')
    world.time.now = now
  })

  it('is used up by a refusal too', async () => {
    const signed = await world.sign(clerk, { path: '/v1/notes/none', operatorId: 'clerk-001' })
    expect((await world.send(signed)).code).toBe('case_not_found')
    expect((await world.send(signed, world.makeApp())).code).toBe('nonce_replayed')
  })
})

describe('when the evidence cannot be filed', () => {
  it('nothing is disclosed', async () => {
    ledgerFaults.file = new GatewayError('ledger_unavailable')
    const reply = await world.ask(clerk, { path: '/v1/notes/x', operatorId: 'clerk-001' })
    expect(reply).toMatchObject({ status: 503, code: 'ledger_unavailable' })
    expect(reply.json['data']).toBeUndefined()
    expect(reply.json['retryable']).toBe(true)
  })

  it('not even a refusal is explained', async () => {
    ledgerFaults.file = new GatewayError('ledger_unavailable')
    const reply = await world.ask(clerk, { path: '/v1/notes/none', operatorId: 'clerk-001' })
    expect(reply.code).toBe('ledger_unavailable')
  })
})

describe('a streamed body', () => {
  const put = (body: string, chunk = '1') => ({
    method: 'PUT' as const,
    path: `/v1/rows/${chunk}`,
    body: Buffer.from(body),
    contentType: 'application/x-ndjson',
  })
  let steward: RequestKey
  beforeAll(async () => {
    steward = await world.addClient({ id: 'steward', roles: ['S'], kind: 'person' })
  })

  it('is counted and kept by its digest', async () => {
    const reply = await world.ask(steward, put('abc\n'))
    expect(reply.json['data']).toEqual({ bytes: 4 })
  })

  it('commits nothing when its digest is wrong, even when the handler would have refused', async () => {
    const signed = await world.sign(steward, put('abc\n', '2'))
    const changed = { ...signed, body: Buffer.from('abd\n') }
    expect((await world.send(changed)).code).toBe('digest_mismatch')
    expect(await writtenNames()).not.toContain('rows-2')
    const refused = await world.sign(steward, put('abc\n', 'refused'))
    expect((await world.send({ ...refused, body: Buffer.from('x') })).code).toBe('digest_mismatch')
    expect((await world.ask(steward, put('abc\n', 'refused'))).code).toBe('batch_state')
  })

  it('is refused when it is too long or of another type', async () => {
    expect((await world.ask(steward, put('x'.repeat(1001)))).code).toBe('chunk_too_large')
    expect((await world.ask(steward, { ...put('x'), contentType: 'application/json' })).code).toBe(
      'file_type_unsupported',
    )
  })
})
