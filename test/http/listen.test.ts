import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import { createGatewayClient } from '../../src/client/gateway-client.ts'
import { randomBytes } from 'node:crypto'
import { type HttpServer, listen } from '../../src/http/listen.ts'
import { healthRoutes } from '../../src/http/health-routes.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody, publicUrl } from './http-world.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let clerk: RequestKey
let server: HttpServer
const logger = { info: () => undefined, error: () => undefined }

beforeAll(async () => {
  world = await httpWorld({
    endpoints: sampleEndpoints(deeds),
    openRoutes: healthRoutes([]),
    limits: { bodyBytesMax: 100_000 },
  })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
  server = await listen(world.app, { host: '127.0.0.1', port: 0, logger, headersTimeoutMs: 300 })
})

afterAll(() => server.close(100))

/** Sends bytes and answers what came back until the connection ended or went quiet. */
const exchange = (bytes: string | Uint8Array, quietMs = 500): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: server.port })
    let answer = ''
    socket.setTimeout(quietMs, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(answer)
    })
    socket.write(bytes)
  })

const statusLines = (answer: string): readonly string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status)

const headOf = (signed: SignedRequest, target: string): string =>
  [
    `${signed.method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n')

const read = { path: '/v1/notes/x', operatorId: 'clerk-001' }

describe('over a real connection', () => {
  it('a signed request is answered whatever Host says', async () => {
    const signed = await world.sign(clerk, read)
    const answer = await exchange(`${headOf(signed, read.path)}\r\n\r\n`)
    expect(statusLines(answer)).toEqual(['200'])
  })

  it('pipelined requests are answered one after the other, each on its own', async () => {
    const [first, second] = [await world.sign(clerk, read), await world.sign(clerk, read)]
    const answer = await exchange(
      `${headOf(first, read.path)}\r\n\r\n${headOf(second, '/v1/notes/y')}\r\n\r\n`,
    )
    expect(statusLines(answer)).toEqual(['200', '401'])
  })

  it('a body in chunks without a length is read to its end', async () => {
    const body = jsonBody({ name: 'chunked' })
    const request = { method: 'POST' as const, path: '/v1/notes', body, idempotencyKey: 'c1' }
    const signed = await world.sign(clerk, request)
    const size = body.length.toString(16)
    const text = Buffer.from(body).toString()
    const answer = await exchange(
      `${headOf(signed, '/v1/notes')}\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${text}\r\n0\r\n\r\n`,
    )
    expect(statusLines(answer)).toEqual(['201'])
  })

  it('a header that stands twice is refused', async () => {
    const signed = await world.sign(clerk, read)
    for (const name of ['Signature', 'Signature-Input', 'Zhengqiao-Operator', 'Content-Digest']) {
      const value = signed.headers[name.toLowerCase()] ?? 'sha-256=:AA==:'
      const twice = `${headOf(signed, read.path)}\r\n${name}: ${value}\r\n${name}: ${value}\r\n\r\n`
      expect(statusLines(await exchange(twice))).toEqual(['401'])
    }
  })

  it('the client library walks through it and keeps its chain', async () => {
    const client = createGatewayClient({
      publicUrl,
      connectUrl: `http://127.0.0.1:${String(server.port)}`,
      key: clerk,
      now: () => world.time.now,
      randomBytes,
      operatorId: 'clerk-001',
    })
    const first = await client.request('GET', '/v1/notes/x')
    const second = await client.request('GET', '/v1/notes/x')
    expect(first).toMatchObject({ status: 200, data: { name: 'x' } })
    expect(eventOf({ json: { receipt: second.receipt ?? null } })).toMatchObject({
      clientSequence: '2',
      lastReceiptNo: first.receipt?.['no'],
    })
    expect(client.chain()).toEqual({ sequence: 2, lastReceiptNo: second.receipt?.['no'] })
    const refused = await client.request('GET', '/v1/notes/none')
    expect(refused.problem).toMatchObject({ code: 'case_not_found' })
    expect(refused.data).toBeUndefined()
  })
})

describe('one route has one spelling', () => {
  it.each([
    '/v1/notes/../notes/x',
    '/v1/./notes/x',
    '/v1/notes/%78',
    '/v1/notes/a%2fb',
    '/v1/notes/..%2fx',
    '/v1/notes/%2e%2e/x',
    '//v1/notes/x',
    '/v1//notes/x',
    '/v1/notes/x/',
    '/V1/notes/x',
    '/v1/Notes/x',
    '/v1/notes\\x',
    '/v1/notes/x;a=1',
    '/v1/notes/x%00',
    '/v1/notes/x%',
    '/livez/..',
    '/./livez',
    '/%6civez',
    'http://127.0.0.1/v1/notes/x',
    'http://evil.example/v1/notes/x',
    '*',
  ])('%s is no route', async (target) => {
    const signed = await world.sign(clerk, {
      ...read,
      path: target.startsWith('/') ? target : read.path,
    })
    expect(statusLines(await exchange(`${headOf(signed, target)}\r\n\r\n`))[0]).toMatch(/^40[04]$/)
  })

  it('a known address with another method says which it has', async () => {
    for (const [method, target] of [
      ['DELETE', '/v1/notes/x'],
      ['HEAD', '/v1/notes/x'],
      ['OPTIONS', '/v1/notes/x'],
      ['POST', '/livez'],
    ] as const) {
      const answer = await exchange(`${method} ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)
      expect(statusLines(answer)).toEqual(['405'])
    }
    const answer = await exchange('PATCH /v1/notes HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(answer).toContain('allow: POST')
  })
})

describe('what two readers could read in two ways is refused', () => {
  const head = 'POST /v1/notes HTTP/1.1\r\nHost: x\r\n'
  it.each([
    [
      'a length and chunks',
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunks under another name', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde`],
    ['a length with a sign', `${head}Content-Length: +5\r\n\r\nabcde`],
    ['a space before the colon', `${head}Content-Length : 0\r\n\r\n`],
    ['a folded header', `${head}X-A: 1\r\n 2\r\n\r\n`],
    ['a bare line feed', 'POST /v1/notes HTTP/1.1\nHost: x\n\n'],
    ['NUL in a header', `${head}X-A: a\0b\r\n\r\n`],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00'],
  ])('%s', async (_what, bytes) => {
    const answer = await exchange(bytes)
    expect(statusLines(answer)).not.toContain('200')
    expect(statusLines(answer)).not.toContain('201')
    expect(statusLines(answer).length).toBeLessThanOrEqual(1)
  })
})

describe('a sender that asks for too much', () => {
  it('with its headers is cut off with 431', async () => {
    const flood = Array.from({ length: 2000 }, (_, at) => `X-${String(at)}: ${'a'.repeat(20)}`)
    const answer = await exchange(`GET /livez HTTP/1.1\r\nHost: x\r\n${flood.join('\r\n')}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*"code":"head_too_large"/)
  })

  it('with its address is cut off with 431', async () => {
    const signed = await world.sign(clerk, read)
    const answer = await exchange(`${headOf(signed, `${read.path}?${'a'.repeat(5000)}`)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('with a declared length is refused before a byte of the body is read', async () => {
    const answer = await exchange(
      'POST /v1/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
  })

  it('with a body in chunks is cut off at the limit', async () => {
    const body = Buffer.from(JSON.stringify({ name: 'x'.repeat(150_000) }))
    const request = { method: 'POST' as const, path: '/v1/notes', body, idempotencyKey: 'big' }
    const signed = await world.sign(clerk, request)
    const answer = await exchange(
      `${headOf(signed, '/v1/notes')}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body.toString()}\r\n0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large"/)
  })

  it('by sending its head slowly is cut off with 408', async () => {
    const answer = await exchange('GET /livez HTTP/1.1\r\nHost: x\r\nX-', 5000)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('by not sending its body whole is refused, and the connection lives on for nobody', async () => {
    const body = jsonBody({ name: 'cut' })
    const signed = await world.sign(clerk, {
      method: 'POST',
      path: '/v1/notes',
      body,
      idempotencyKey: 'cut',
    })
    const half = Buffer.from(body.subarray(0, 5)).toString()
    await exchange(`${headOf(signed, '/v1/notes')}\r\nContent-Length: 14\r\n\r\n${half}`, 200)
    await expect
      .poll(async () =>
        world.store.db
          .selectFrom('setting')
          .select('name')
          .where('name', '=', 'note-cut')
          .execute(),
      )
      .toEqual([])
  })
})

describe('a stopping gateway', () => {
  it('lets the request under way finish and takes no new one', async () => {
    const stopping = await listen(world.app, { host: '127.0.0.1', port: 0, logger })
    let release = (): void => undefined
    deeds.duringWrite = () =>
      new Promise((resolve) => {
        release = () => {
          resolve()
        }
      })
    const request = {
      method: 'POST' as const,
      path: '/v1/notes',
      body: jsonBody({ name: 'last' }),
      idempotencyKey: 'last',
    }
    const signed = await world.sign(clerk, request)
    const url = `http://127.0.0.1:${String(stopping.port)}/v1/notes`
    const init = { method: 'POST', headers: signed.headers, body: Buffer.from(request.body) }
    const answer = fetch(url, init)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const closed = stopping.close(5000)
    await expect(fetch(url, init)).rejects.toThrow()
    release()
    expect((await answer).status).toBe(201)
    await closed
    deeds.duringWrite = undefined
  })
})
