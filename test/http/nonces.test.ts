import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RequestKey, signRequest } from '../../src/client/sign-request.ts'
import { createNoncePurge } from '../../src/http/nonce-purge.ts'
import { createNonceScreen } from '../../src/http/nonce-screen.ts'
import { purgeNonces } from '../../src/ledger/ledger-store.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'
import { type HttpWorld, httpWorld, publicUrl } from './http-world.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
const many = 100_000
const start = new Date('2026-11-23T02:00:00.000Z')
const minuteMs = 60_000
const hourMs = 3_600_000
let world: HttpWorld
let clerk: RequestKey

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
})

const nonceBytes = (place: number): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(place)
  return bytes
}
const textOf = (place: number): string => nonceBytes(place).toString('base64url')
const read = { method: 'GET', url: `${publicUrl}/v1/notes/a`, operatorId: 'clerk-001' } as const

const signed = (nonce?: number) =>
  signRequest(
    {
      key: clerk,
      now: world.time.now,
      randomBytes: nonce === undefined ? randomBytes : () => nonceBytes(nonce),
    },
    read,
  )

const store = (clientId: string, places: readonly number[], keptUntil: Date) =>
  world.store.pool.query(
    `insert into ledger_nonce (client_id, nonce, kept_until)
     select $1, nonce, $3 from unnest($2::text[]) as n (nonce)`,
    [clientId, places.map(textOf), keptUntil],
  )

const countOf = async (clientId: string): Promise<number> => {
  const { rows } = await world.store.pool.query<{ count: string }>(
    'select count(*) from ledger_nonce where client_id = $1',
    [clientId],
  )
  return Number(rows[0]?.count)
}

describe('a hundred thousand nonces', () => {
  const places = Array.from({ length: many }, (_, place) => place)

  // That more of them take no more room stands in limits.test.ts.
  it('are all remembered by one process', () => {
    const screen = createNonceScreen(240_000)
    const admitted = (nowMs: number) =>
      places.filter((place) => screen.admit('clerk', textOf(place), nowMs)).length
    expect([admitted(0), admitted(1000), admitted(239_999)]).toEqual([many, 0, 0])
  })

  it('are refused by a process that has seen none of them, and a new one is not', async () => {
    await store('clerk', places, new Date(start.getTime() + 240_000))
    const app = world.makeApp({ clientPerSecond: 1000, clientBurst: 1000 })
    for (let place = 0; place < many; place += many / 50) {
      const { status, code } = await world.send(await signed(place), app)
      expect({ status, code }).toEqual({ status: 401, code: 'nonce_replayed' })
    }
    expect((await world.send(await signed(many), app)).status).toBe(200)
  })

  it('are forgotten in one purge when their time is over, and those before their time are not', async () => {
    const past = new Date('2020-01-01T00:00:00Z')
    await store('past', places.slice(0, 30_001), past)
    await store('later', places.slice(0, 10), new Date(Date.now() + hourMs))
    const purge = purgeOf(() => new Date())
    for (let calls = 0; calls < readingsKept - 1; calls++) expect(await purge()).toBe(0)
    await purge()
    expect(await countOf('past')).toBe(0)
    expect(await countOf('later')).toBe(10)
  })
})

const purgeOf = (now: () => Date) =>
  createNoncePurge({
    forget: (before) => purgeNonces(world.store.db, before),
    now,
    skewSeconds: 120,
    everyMs: minuteMs,
  })
/** Five minutes' window, read once a minute. */
const readingsKept = 6

describe('a clock that jumps', () => {
  it('ahead and back again makes nothing good that was used before', async () => {
    world.time.now = start
    const purge = purgeOf(() => world.time.now)
    for (let calls = 0; calls < readingsKept; calls++) await purge()
    const used = await signed()
    expect((await world.send(used)).status).toBe(200)
    world.time.now = new Date(start.getTime() + hourMs)
    expect((await world.send(used)).code).toBe('clock_skew')
    expect((await world.send(await signed())).status).toBe(200)
    await purge()
    world.time.now = new Date(start.getTime() + minuteMs)
    for (const app of [world.app, world.makeApp()])
      expect((await world.send(used, app)).code).toBe('nonce_replayed')
  })

  it('back lets in what is signed by it, once, and nothing again', async () => {
    world.time.now = start
    const before = await signed()
    expect((await world.send(before)).status).toBe(200)
    world.time.now = new Date(start.getTime() - hourMs)
    expect((await world.send(before)).code).toBe('clock_skew')
    const during = await signed()
    expect((await world.send(during)).status).toBe(200)
    await purgeOf(() => world.time.now)()
    for (const app of [world.app, world.makeApp()])
      expect((await world.send(during, app)).code).toBe('nonce_replayed')
    world.time.now = start
    for (const app of [world.app, world.makeApp()])
      expect((await world.send(before, app)).code).toBe('nonce_replayed')
    expect((await world.send(await signed())).status).toBe(200)
  })

  it('ahead for good: what was used before it is forgotten a window later', async () => {
    world.time.now = start
    const purge = purgeOf(() => world.time.now)
    for (let calls = 0; calls < readingsKept; calls++) await purge()
    await store('left', [1], new Date(start.getTime() + 4 * minuteMs))
    world.time.now = new Date(start.getTime() + hourMs)
    for (let calls = 0; calls < readingsKept - 1; calls++) await purge()
    expect(await countOf('left')).toBe(1)
    await purge()
    expect(await countOf('left')).toBe(0)
  })
})
