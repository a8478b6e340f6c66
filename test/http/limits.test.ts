import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import { createNonceScreen } from '../../src/http/nonce-screen.ts'
import { createOperatorQuota } from '../../src/http/operator-quota.ts'
import { createSlidingWindows } from '../../src/http/sliding-window.ts'
import { createTokenBuckets } from '../../src/http/token-bucket.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody } from './http-world.ts'

describe('a token bucket', () => {
  it('gives out its burst, then what time brings, to each key for itself', () => {
    const buckets = createTokenBuckets({ perSecond: 2, burst: 3 })
    const taken = [0, 0, 0, 0].map((now) => buckets.take('a', now))
    expect(taken.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0])
    expect(taken[3]?.retryAfterMs).toBe(500)
    expect(buckets.take('b', 0).retryAfterMs).toBeUndefined()
    expect(buckets.take('a', 250).retryAfterMs).toBe(250)
    expect(buckets.take('a', 500).retryAfterMs).toBeUndefined()
  })

  it('gives nothing for a clock that jumps back', () => {
    const buckets = createTokenBuckets({ perSecond: 1, burst: 1 })
    buckets.take('a', 10_000)
    expect(buckets.take('a', 0).retryAfterMs).toBe(1000)
    expect(buckets.take('a', 500).retryAfterMs).toBe(500)
  })

  it('forgets the key that has been quiet longest when there are too many', () => {
    const buckets = createTokenBuckets({ perSecond: 0.001, burst: 1, keysMax: 2 })
    for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 0)
    expect(buckets.take('a', 0).retryAfterMs).toBeDefined()
    expect(buckets.take('b', 0).retryAfterMs).toBeUndefined()
  })
})

describe('a sliding window', () => {
  it('never lets one more through within its length', () => {
    const windows = createSlidingWindows({ count: 60, windowMs: 600_000 })
    for (let at = 0; at < 60; at++)
      expect(windows.take('x', at * 9_000).retryAfterMs).toBeUndefined()
    expect(windows.take('x', 599_999).retryAfterMs).toBe(1)
    expect(windows.take('x', 600_000).retryAfterMs).toBeUndefined()
    expect(windows.take('x', 600_001).retryAfterMs).toBe(8_999)
  })
})

describe('the screen of nonces', () => {
  it('remembers a nonce for its time, and each client for itself', () => {
    const screen = createNonceScreen(1000)
    expect(screen.admit('a', 'n', 0)).toBe(true)
    expect(screen.admit('a', 'n', 999)).toBe(false)
    expect(screen.admit('b', 'n', 999)).toBe(true)
    expect(screen.admit('a', 'n', 1500)).toBe(false)
  })

  it('stays bounded under a flood', () => {
    const screen = createNonceScreen(1_000_000, 1000)
    for (let at = 0; at < 100_000; at++) expect(screen.admit('a', String(at), 0)).toBe(true)
    expect(screen.admit('a', '99999', 0)).toBe(false)
    expect(screen.admit('a', '0', 0)).toBe(true)
  })
})

/** A request whose body comes when it is told to. */
const trickle = (signed: SignedRequest) => {
  let read = false
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (own) => {
        read = true
        controller = own
      },
    },
    { highWaterMark: 0 },
  )
  const init = { method: signed.method, headers: signed.headers, body, duplex: 'half' } as const
  return {
    request: new Request(signed.url, init),
    isRead: () => read,
    finish: () => {
      controller?.enqueue(Buffer.from('a'))
      controller?.close()
    },
  }
}

describe('an operator’s quota', () => {
  const operator = { clientId: 'c', operatorId: 'o' }
  const quotaWith = (filed: { count: number; elsewhere: boolean }) =>
    createOperatorQuota(
      createSlidingWindows({ count: 5, windowMs: 600_000 }),
      { count: () => Promise.resolve(filed.count), mayBeElsewhere: () => filed.elsewhere },
      600_000,
    )

  it('counts what other nodes, or this one before a restart, have let through', async () => {
    const quota = quotaWith({ count: 3, elsewhere: true })
    expect((await quota.take(operator, 0)).remaining).toBe(1)
    expect((await quota.take(operator, 1)).remaining).toBe(0)
    expect((await quota.take(operator, 2)).retryAfterMs).toBeGreaterThan(0)
    expect((await quota.take({ ...operator, operatorId: 'p' }, 2)).retryAfterMs).toBeUndefined()
  })

  it('hears within about a second of what others let through meanwhile', async () => {
    const filed = { count: 0, elsewhere: true }
    const quota = quotaWith(filed)
    await quota.take(operator, 0)
    filed.count = 5
    expect((await quota.take(operator, 999)).retryAfterMs).toBeUndefined()
    expect((await quota.take(operator, 1000)).retryAfterMs).toBeUndefined()
    await Promise.resolve()
    expect((await quota.take(operator, 1001)).retryAfterMs).toBeGreaterThan(0)
  })

  it('asks nobody while nobody else can have counted', () => {
    const quota = quotaWith({ count: 99, elsewhere: false })
    expect(quota.take(operator, 0)).not.toBeInstanceOf(Promise)
  })
})

describe('limits at the door', () => {
  const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
  let world: HttpWorld
  let clerk: RequestKey
  let other: RequestKey

  beforeAll(async () => {
    world = await httpWorld({
      endpoints: sampleEndpoints(deeds),
      limits: { clientPerSecond: 1, clientBurst: 5, operatorCount: 2 },
    })
    clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
    other = await world.addClient({ id: 'other', roles: ['C'] })
    for (const id of ['clerk-001', 'clerk-002']) await world.addOperator({ id, client: 'clerk' })
    await world.addOperator({ id: 'other-001', client: 'other' })
  })

  const read = (operatorId: string) => ({ path: '/v1/notes/x', operatorId })
  let keys = 0
  const check = (operatorId: string) => ({
    method: 'POST' as const,
    path: '/v1/notes/a/fetches',
    body: jsonBody({ name: 'x' }),
    operatorId,
    idempotencyKey: `check-${String(++keys)}`,
  })

  it('the client that asks too often is told when to come back, others are not touched', async () => {
    for (let left = 4; left >= 0; left--)
      expect((await world.ask(clerk, read('clerk-001'))).headers.get('ratelimit-remaining')).toBe(
        String(left),
      )
    const refused = await world.ask(clerk, read('clerk-001'))
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.json['retryAfterMs']).toBe(1000)
    expect(eventOf(refused)).toMatchObject({ code: 'rate_limited', decision: 'denied' })
    expect((await world.ask(other, read('other-001'))).status).toBe(200)
    world.time.now = new Date(world.time.now.getTime() + 5000)
    expect((await world.ask(clerk, read('clerk-001'))).status).toBe(200)
  })

  it('the operator who checks too often is stopped, the colleague is not', async () => {
    world.time.now = new Date(world.time.now.getTime() + 5000)
    for (const status of [200, 200, 429])
      expect((await world.ask(clerk, check('clerk-001'))).status).toBe(status)
    expect((await world.ask(clerk, check('clerk-002'))).status).toBe(200)
  })

  it('a check that is sent again and again uses up nobody’s window', async () => {
    world.time.now = new Date(world.time.now.getTime() + 600_000)
    const signed = await world.sign(clerk, check('clerk-001'))
    for (const code of [undefined, 'nonce_replayed', 'nonce_replayed'])
      expect((await world.send(signed)).code).toBe(code)
    expect((await world.ask(clerk, check('clerk-001'))).status).toBe(200)
    expect((await world.ask(clerk, check('clerk-001'))).status).toBe(429)
  })

  it('a client with too many requests at once is told to wait, others are not', async () => {
    const app = world.makeApp({ clientInFlightMax: 1, clientBurst: 100 })
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    deeds.nextRead = async () => {
      await held
      throw new Error('never shown')
    }
    const before = deeds.reads
    const first = world.send(await world.sign(clerk, read('clerk-001')), app)
    await expect.poll(() => deeds.reads).toBeGreaterThan(before)
    const second = await world.send(await world.sign(clerk, read('clerk-001')), app)
    expect(second.code).toBe('rate_limited')
    deeds.nextRead = undefined
    expect((await world.send(await world.sign(other, read('other-001')), app)).status).toBe(200)
    release()
    expect((await first).status).toBe(500)
    expect((await world.send(await world.sign(clerk, read('clerk-001')), app)).status).toBe(200)
  })

  it('so many bodies are streamed at once and no more', async () => {
    const steward = await world.addClient({ id: 'steward', roles: ['S'], kind: 'person' })
    const put = { method: 'PUT' as const, path: '/v1/rows/1', contentType: 'text/csv' }
    const full = world.makeApp({ streamsMax: 0 })
    const signed = await world.sign(steward, { ...put, body: Buffer.from('a') })
    expect((await world.send(signed, full)).code).toBe('rate_limited')
    const one = world.makeApp({ streamsMax: 1 })
    for (const path of ['/v1/rows/2', '/v1/rows/refused', '/v1/rows/3']) {
      const next = await world.sign(steward, { ...put, path, body: Buffer.from('a') })
      expect((await world.send(next, one)).code).not.toBe('rate_limited')
    }
  })

  it('one client’s slow uploads leave room for the others', async () => {
    const app = world.makeApp({ streamsMax: 3, clientStreamsMax: 2 })
    const [slow, quick] = [
      await world.addClient({ id: 'slow', roles: ['S'], kind: 'person' }),
      await world.addClient({ id: 'quick', roles: ['S'], kind: 'person' }),
    ]
    const put = (path: string) => ({
      method: 'PUT' as const,
      path,
      contentType: 'text/csv',
      body: Buffer.from('a'),
    })
    const uploads = await Promise.all(
      ['/v1/rows/11', '/v1/rows/12'].map(async (path) =>
        trickle(await world.sign(slow, put(path))),
      ),
    )
    const answers = uploads.map(({ request }) => app.fetch(request))
    await expect.poll(() => uploads.every(({ isRead }) => isRead())).toBe(true)
    const third = await world.send(await world.sign(slow, put('/v1/rows/13')), app)
    expect(third).toMatchObject({ status: 429, code: 'rate_limited' })
    const others = await world.send(await world.sign(quick, put('/v1/rows/14')), app)
    expect(others.status).toBe(200)
    for (const { finish } of uploads) finish()
    for (const answer of answers) expect((await answer).status).toBe(200)
  })

  it('a gateway that is full turns requests away before it looks at them', async () => {
    const app = world.makeApp({ inFlightMax: 0 })
    const refused = await world.send(await world.sign(clerk, read('clerk-001')), app)
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(refused.json['receipt']).toBeUndefined()
  })
})
