import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import { encodeBase64 } from '../../src/crypto/base64url.ts'
import { prepareRequestSignature } from '../../src/crypto/message-signature/request-signature.ts'
import { type HttpServer, listen } from '../../src/http/listen.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody, publicUrl } from './http-world.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let clerk: RequestKey
let steward: RequestKey
let server: HttpServer

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  steward = await world.addClient({ id: 'steward', roles: ['S'], kind: 'person' })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
  const logger = { info: () => undefined, error: () => undefined }
  server = await listen(world.app, { host: '127.0.0.1', port: 0, logger })
})
afterAll(() => server.close(100))
beforeEach(() => {
  deeds.reads = 0
})

/** Signs these very headers and no others, as no client of ours would. */
const signAny = async (
  key: RequestKey,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: Uint8Array },
): Promise<SignedRequest> => {
  const url = publicUrl + path
  const { base, signatureInput } = prepareRequestSignature(
    { method, targetUri: url, header: (name) => headers[name] },
    {
      created: Math.floor(world.time.now.getTime() / 1000),
      nonce: randomBytes(16).toString('base64url'),
      keyId: key.keyId,
      algorithm: key.algorithm,
    },
  )
  const signature = `sig1=:${encodeBase64(await key.sign(Buffer.from(base)))}:`
  const signed = { ...headers, 'signature-input': signatureInput, signature }
  return { method, url, headers: signed, body, signatureBase: base }
}

describe('a good signature over a digest', () => {
  const body = jsonBody({ name: 'digest' })
  const by = (name: string, of: Uint8Array = body) => createHash(name).update(of).digest('base64')
  const digests: readonly (readonly [string, string])[] = [
    ['of MD5', `md5=:${by('md5')}:`],
    ['of SHA-1', `sha=:${by('sha1')}:`],
    ['of SHA-512', `sha-512=:${by('sha512')}:`],
    ['of SHA-256 and of SHA-512', `sha-256=:${by('sha256')}:, sha-512=:${by('sha512')}:`],
    ['of SHA-256 twice', `sha-256=:${by('sha256')}:, sha-256=:${by('sha256')}:`],
    ['under a name in capitals', `SHA-256=:${by('sha256')}:`],
    ['of SHA-512 under the name of SHA-256', `sha-256=:${by('sha512')}:`],
    ['of another body', `sha-256=:${by('sha256', Buffer.from('{}'))}:`],
    ['cut short', `sha-256=:${by('sha256').slice(0, 40)}:`],
    ['with no end', `sha-256=:${by('sha256')}`],
    ['as text', `sha-256="${by('sha256')}"`],
    ['in hexadecimal', `sha-256=:${createHash('sha256').update(body).digest('hex')}:`],
    ['of no algorithm', ''],
  ]

  it.each(digests)('%s is refused, and filed', async (_what, digest) => {
    const headers = {
      'content-type': 'application/json',
      'content-digest': digest,
      'idempotency-key': randomBytes(8).toString('hex'),
    }
    const signed = await signAny(clerk, 'POST', '/v1/notes', { headers, body })
    const reply = await world.send(signed)
    expect(reply).toMatchObject({ status: 401, code: 'digest_mismatch' })
    expect(eventOf(reply)).toMatchObject({ decision: 'denied', clientId: 'clerk' })
  })

  it.each(digests)(
    '%s is refused for a streamed body, and writes nothing',
    async (_what, digest) => {
      const headers = { 'content-type': 'application/x-ndjson', 'content-digest': digest }
      const signed = await signAny(steward, 'PUT', '/v1/rows/digest', { headers, body })
      expect((await world.send(signed)).code).toBe('digest_mismatch')
      const rows = await world.store.db.selectFrom('setting').select('name').execute()
      expect(rows.map(({ name }) => name)).not.toContain('rows-digest')
    },
  )

  it('that is right is taken', async () => {
    const headers = {
      'content-type': 'application/json',
      'content-digest': `sha-256=:${by('sha256')}:`,
      'idempotency-key': 'right',
    }
    const signed = await signAny(clerk, 'POST', '/v1/notes', { headers, body })
    expect((await world.send(signed)).status).toBe(201)
  })
})

describe('one key with two bodies at once', () => {
  it('does one of them, and tells the other that the key is taken', async () => {
    const send = async (name: string, app = world.app) => {
      const request = { method: 'POST', path: '/v1/notes', idempotencyKey: 'race' } as const
      return world.send(await world.sign(clerk, { ...request, body: jsonBody({ name }) }), app)
    }
    const replies = await Promise.all([
      ...[send('race-a'), send('race-b', world.makeApp()), send('race-c')],
      ...[send('race-d', world.makeApp())],
    ])
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422])
    const rows = await world.store.db.selectFrom('setting').select('name').execute()
    expect(rows.filter(({ name }) => name.startsWith('note-race'))).toHaveLength(1)
  })
})

/** Sends bytes on one connection; answers the status lines that came back until it went quiet. */
const statusesOf = (bytes: string): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: server.port })
    let answer = ''
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve([...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status))
    })
    socket.write(bytes)
  })

const read = { path: '/v1/notes/x', operatorId: 'clerk-001' }
const textOf = ({ method, headers }: SignedRequest, path: string): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n')

describe('on one connection', () => {
  it('a signed request inside the body of a refused one is body, whatever refused it', async () => {
    const requests: string[] = []
    for (const head of [
      'POST /v1/notes HTTP/1.1\r\nHost: x',
      'POST /v1/nowhere HTTP/1.1\r\nHost: x',
      'DELETE /v1/notes/x HTTP/1.1\r\nHost: x',
      'GET /v1/notes/x HTTP/1.1\r\nHost: x',
      textOf(await signAny(steward, 'POST', '/v1/notes', {}), '/v1/notes'),
      textOf(await signAny(clerk, 'PUT', '/v1/rows/1', {}), '/v1/rows/1'),
    ]) {
      const hidden = `${textOf(await world.sign(clerk, read), read.path)}\r\n\r\n`
      const whole = `${head}\r\nContent-Length: ${String(hidden.length)}\r\n\r\n${hidden}`
      const size = hidden.length.toString(16)
      const chunked = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${hidden}\r\n0\r\n\r\n`
      requests.push(whole, chunked)
    }
    for (const statuses of await Promise.all(requests.map(statusesOf))) {
      expect(statuses).toHaveLength(1)
      expect(statuses[0]).toMatch(/^4/)
    }
    expect(deeds.reads).toBe(0)
  })

  it('a signed request with a length and chunks, two lengths or a chunked trailer is no two requests', async () => {
    const hidden = `${textOf(await world.sign(clerk, read), read.path)}\r\n\r\n`
    const head = textOf(
      await world.sign(clerk, {
        ...{ method: 'POST', path: '/v1/notes', body: jsonBody({ name: 'smuggle' }) },
        idempotencyKey: 'smuggle',
      }),
      '/v1/notes',
    )
    const framings = [
      `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
      `Content-Length: 0\r\nContent-Length: ${String(hidden.length)}\r\n\r\n${hidden}`,
      `Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n${hidden}`,
      `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${hidden}`,
    ]
    const answers = await Promise.all(framings.map((each) => statusesOf(`${head}\r\n${each}`)))
    for (const statuses of answers)
      for (const good of ['200', '201']) expect(statuses).not.toContain(good)
    expect(deeds.reads).toBe(0)
  })

  it('a second signature hidden behind a flood of short headers is seen', async () => {
    const signed = textOf(await world.sign(clerk, read), read.path)
    const flood = Array.from({ length: 2500 }, () => 'a:').join('\r\n')
    const again = 'Zhengqiao-Operator: clerk-002'
    expect(await statusesOf(`${signed}\r\n${flood}\r\n${again}\r\n\r\n`)).toEqual(['401'])
    const alone = textOf(await world.sign(clerk, read), read.path)
    expect(await statusesOf(`${alone}\r\n${flood}\r\n\r\n`)).toEqual(['200'])
  })
})
