import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { revokeCertificates, setClientSuspended } from '../../src/access/client-store.ts'
import { setOperatorSuspended } from '../../src/access/operator-store.ts'
import type { OutgoingRequest, RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import { asId } from '../../src/contract/ids.ts'
import { contentDigest } from '../../src/crypto/message-signature/content-digest.ts'
import { orderOfRefusals } from '../../src/http/order-of-refusals.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody } from './http-world.ts'
import { without } from './without.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
const endpoints = sampleEndpoints(deeds)
let world: HttpWorld
let clerk: RequestKey

beforeAll(async () => {
  world = await httpWorld({ endpoints, limits: { bodyBytesMax: 2000 } })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
})

let keys = 0
const read = { path: '/v1/notes/x?depth=3', operatorId: 'clerk-001' }
const add = (body: unknown, more: Partial<OutgoingRequest> = {}) => ({
  method: 'POST' as const,
  path: '/v1/notes',
  body: Buffer.from(JSON.stringify(body ?? null)),
  idempotencyKey: `k${String(++keys)}`,
  ...more,
})

describe('a good request', () => {
  it('is answered with the data whose digest its filed event holds', async () => {
    const data = '{"depth":"3","name":"x"}'
    const reply = await world.ask(clerk, { ...read, sequence: 7 })
    expect(reply.status).toBe(200)
    expect(reply.text.startsWith(`{"data":${data},"receipt":{"no":`)).toBe(true)
    expect(eventOf(reply)).toMatchObject({
      action: 'note.read',
      decision: 'allowed',
      clientId: 'clerk',
      operatorId: 'clerk-001',
      operatorAsserted: true,
      cityDate: '2018-11-30',
      clientSequence: '7',
      status: 200,
      responseDigest: `sha-256:${createHash('sha256').update(data).digest('base64url')}`,
    })
    expect(reply.headers.get('ratelimit-limit')).toBe('400')
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('zhengqiao-certificate-days-left')).toBe('1')
  })

  it('may carry a digest in SM3 and an end of its signature', async () => {
    const request = add({ name: 'sm3' }, { digestName: 'sm3', expiresInSeconds: 60 })
    expect((await world.ask(clerk, request)).status).toBe(201)
  })

  it('keeps a harmless request id and replaces any other', async () => {
    const signed = await world.sign(clerk, read)
    const withId = (id: string) => ({
      ...signed,
      headers: { ...signed.headers, 'x-request-id': id },
    })
    expect((await world.send(withId('abcd-1234'))).headers.get('x-request-id')).toBe('abcd-1234')
    const replaced = (await world.send(withId('370299 x'))).headers.get('x-request-id')
    expect(replaced).toMatch(/^[\w-]{16}$/)
  })
})

/**
 * Faults of one request, in the order of refusals. Each test applies a fault and all that come after
 * it: the first one is what the caller hears.
 */
type Fault = {
  readonly stage: string
  readonly code: string
  readonly request?: Partial<OutgoingRequest> & { readonly path?: string }
  readonly key?: () => RequestKey
  readonly skewSeconds?: number
  readonly after?: (signed: SignedRequest) => SignedRequest
}

describe('a request with several faults', () => {
  let stranger: RequestKey
  let expired: RequestKey
  let registrar: RequestKey
  const withHeaders =
    (headers: Record<string, string>) =>
    (signed: SignedRequest): SignedRequest => ({
      ...signed,
      headers: { ...signed.headers, ...headers },
    })
  const withoutSignature = ({ headers, ...rest }: SignedRequest): SignedRequest => {
    return { ...rest, headers: without(headers, 'signature') }
  }

  beforeAll(async () => {
    stranger = (await world.strangersKey()).key
    const notAfter = new Date(world.time.now.getTime() - 1)
    expired = await world.addClient({ id: 'expired', roles: ['R'], notAfter })
    registrar = await world.addClient({ id: 'registrar', roles: ['R'] })
  })

  const faults: readonly Fault[] = [
    { stage: 'route', code: 'route_not_found', request: { path: '/v1/notes//' } },
    { stage: 'head', code: 'body_too_large', after: withHeaders({ 'content-length': '2001' }) },
    { stage: 'signature headers', code: 'signature_required', after: withoutSignature },
    { stage: 'client', code: 'client_unknown', key: () => stranger },
    { stage: 'certificate', code: 'certificate_expired', key: () => expired },
    { stage: 'clock', code: 'clock_skew', skewSeconds: -300 },
    { stage: 'signature', code: 'signature_invalid', after: withHeaders({ 'zhengqiao-seq': '1' }) },
    { stage: 'role', code: 'scope_missing', key: () => registrar },
    {
      stage: 'digest',
      code: 'digest_mismatch',
      after: (signed) => ({ ...signed, body: Buffer.from('[') }),
    },
    {
      stage: 'content type',
      code: 'file_type_unsupported',
      request: { contentType: 'text/plain' },
    },
    { stage: 'json', code: 'malformed_json', request: { body: Buffer.from('{"name":') } },
    { stage: 'fields', code: 'unknown_field', request: { body: jsonBody({ name: 5, nick: 'x' }) } },
    { stage: 'values', code: 'validation_failed', request: { body: jsonBody({ name: 5 }) } },
    { stage: 'operator', code: 'operator_unknown', request: { operatorId: 'nobody' } },
  ]

  it.each(faults.map((fault, at) => ({ ...fault, at })))(
    'hears $code first',
    async ({ code, at }) => {
      // The first fault of each kind wins over later ones of the same kind.
      const [request, ...others] = faults
        .slice(at)
        .map((fault) => fault.request ?? {})
        .reverse()
      const merged = Object.assign({}, request, ...others) as Partial<OutgoingRequest>
      const rest = faults.slice(at)
      const key = rest.find((fault) => fault.key !== undefined)?.key?.() ?? clerk
      const skewSeconds = rest.find((fault) => fault.skewSeconds !== undefined)?.skewSeconds ?? 0
      const outgoing = add({ name: 'x' }, merged)
      const signed = await world.signAt(skewSeconds, key, {
        ...outgoing,
        url: `https://gateway.example${outgoing.path}`,
      })
      const sent = rest.reduce((message, fault) => fault.after?.(message) ?? message, signed)
      expect((await world.send(sent)).code).toBe(code)
    },
  )

  it('meets the stages in the order that the table has', () => {
    const stages = orderOfRefusals.map(({ name }) => name)
    const faulty = faults.map(({ stage }) => stage)
    expect(stages.filter((stage) => faulty.includes(stage))).toEqual(faulty)
  })
})

describe('evidence of a refusal', () => {
  it('is an event of its own after a good signature, with the digest of the problem', async () => {
    const reply = await world.ask(clerk, { ...read, path: '/v1/notes/none' })
    expect(reply.status).toBe(404)
    const problem = without(reply.json, 'receipt')
    const problemText = reply.text.slice(0, reply.text.indexOf(',"receipt":')) + '}'
    expect(JSON.parse(problemText)).toEqual(problem)
    expect(eventOf(reply)).toMatchObject({
      action: 'request.refused',
      decision: 'denied',
      code: 'case_not_found',
      status: 404,
      detail: { operation: 'readNote', source: 'client' },
      responseDigest: `sha-256:${createHash('sha256').update(problemText).digest('base64url')}`,
    })
  })

  it('is a count without a good signature, and says so in no receipt', async () => {
    world.app.refusals.take()
    const { key } = await world.strangersKey()
    const reply = await world.ask(key, read)
    expect(reply.json['receipt']).toBeUndefined()
    await world.ask(key, read)
    expect(world.app.refusals.take()).toMatchObject([{ code: 'client_unknown', count: 2 }])
  })
})

describe('clock skew', () => {
  it.each([
    [-121, '慢 121 秒'],
    [150, '快 150 秒'],
  ])('of %d seconds is named with both clocks', async (skewSeconds, words) => {
    const request = { method: 'GET' as const, url: `https://gateway.example${read.path}` }
    const reply = await world.send(await world.signAt(skewSeconds, clerk, request))
    expect(reply).toMatchObject({ status: 401, code: 'clock_skew' })
    expect(reply.json).toMatchObject({
      differenceSeconds: skewSeconds,
      gatewayTime: '2026-11-23T10:00:00.000+08:00',
    })
    expect(reply.json['detail']).toContain(words)
  })

  it('of 90 seconds is refused by a gateway that allows 60', async () => {
    const strict = world.makeApp({ skewSeconds: 60 })
    const request = { method: 'GET' as const, url: `https://gateway.example${read.path}` }
    const reply = await world.send(await world.signAt(-90, clerk, request), strict)
    expect(reply.json['detail']).toContain('慢 90 秒')
  })

  it('takes a signature at its word about its end', async () => {
    const request = {
      method: 'GET' as const,
      url: `https://gateway.example${read.path}`,
      expiresInSeconds: 5,
    }
    const reply = await world.send(await world.signAt(-60, clerk, request))
    expect(reply.code).toBe('clock_skew')
    expect(reply.json['detail']).toContain('55 秒')
  })
})

describe('operators', () => {
  it('must be named by a clerk system where the endpoint asks', async () => {
    expect(await world.ask(clerk, { path: read.path })).toMatchObject({
      status: 403,
      code: 'operator_unknown',
    })
  })

  it.each(['nobody', 'registrar-001', '张 三', 'x'.repeat(65)])(
    'may not be %s',
    async (operatorId) => {
      await world
        .addOperator({ id: `${operatorId}-x`.slice(0, 20), client: 'clerk' })
        .catch(() => 0)
      const name = /^[ -~]+$/.test(operatorId) ? operatorId : encodeURIComponent(operatorId)
      expect((await world.ask(clerk, { ...read, operatorId: name })).code).toBe('operator_unknown')
    },
  )

  it('are refused from the moment on when they are suspended', async () => {
    await world.addOperator({ id: 'clerk-009', client: 'clerk' })
    const request = { ...read, operatorId: 'clerk-009' }
    expect((await world.ask(clerk, request)).status).toBe(200)
    await setOperatorSuspended(world.store.db, asId('clerk-009'), world.time.now)
    expect(await world.ask(clerk, request)).toMatchObject({
      status: 403,
      code: 'operator_suspended',
    })
  })

  it('are the persons themselves behind personal keys', async () => {
    const auditor = await world.addClient({ id: 'auditor', roles: ['A'], kind: 'person' })
    expect(eventOf(await world.ask(auditor, { path: read.path }))).toMatchObject({
      operatorId: 'auditor-person',
      operatorAsserted: false,
    })
    expect((await world.ask(auditor, read)).code).toBe('operator_unknown')
  })
})

describe('a client that loses its right', () => {
  it('is refused from the moment on when its certificate is revoked or it is suspended', async () => {
    const key = await world.addClient({ id: 'leaver', roles: ['X'] })
    const request = () => add({ name: `leaver ${String(keys)}` })
    expect((await world.ask(key, request())).status).toBe(201)
    await setClientSuspended(world.store.db, asId('leaver'), world.time.now)
    expect((await world.ask(key, request())).code).toBe('certificate_revoked')
    await setClientSuspended(world.store.db, asId('leaver'), null)
    expect((await world.ask(key, request())).status).toBe(201)
    const now = { at: world.time.now, reason: 'test' }
    await revokeCertificates(world.store.db, { clientId: asId('leaver') }, now)
    expect((await world.ask(key, request())).code).toBe('certificate_revoked')
  })
})

describe('a client that is revoked in the middle of a request', () => {
  const revokeMeanwhile = (clientId: string) => async (): Promise<void> => {
    const now = { at: world.time.now, reason: 'test' }
    await revokeCertificates(world.store.db, { clientId: asId(clientId) }, now)
    world.time.now = new Date(world.time.now.getTime() + 1000)
  }

  it('changes nothing', async () => {
    const key = await world.addClient({ id: 'mid-write', roles: ['X'] })
    deeds.duringWrite = revokeMeanwhile('mid-write')
    const refused = await world.ask(key, add({ name: 'mid-write' }))
    deeds.duringWrite = undefined
    expect(refused).toMatchObject({ status: 401, code: 'certificate_revoked' })
    expect(eventOf(refused)).toMatchObject({ clientId: 'mid-write', decision: 'denied' })
    const rows = await world.store.db.selectFrom('setting').select('name').execute()
    expect(rows.map(({ name }) => name)).not.toContain('note-mid-write')
  })

  it('is told nothing', async () => {
    const key = await world.addClient({ id: 'mid-read', roles: ['A'], kind: 'person' })
    deeds.nextRead = revokeMeanwhile('mid-read')
    const refused = await world.ask(key, { path: '/v1/notes/secret' })
    deeds.nextRead = undefined
    expect(refused).toMatchObject({ status: 401, code: 'certificate_revoked' })
    expect(refused.json['data']).toBeUndefined()
  })

  it('is told nothing when the registry knows it no more', async () => {
    const key = await world.addClient({ id: 'mid-gone', roles: ['A'], kind: 'person' })
    deeds.nextRead = async () => {
      await world.store.db
        .deleteFrom('client_certificate')
        .where('client_id', '=', 'mid-gone')
        .execute()
      world.time.now = new Date(world.time.now.getTime() + 1000)
    }
    const refused = await world.ask(key, { path: '/v1/notes/secret' })
    deeds.nextRead = undefined
    expect(refused).toMatchObject({ status: 401, code: 'client_unknown' })
    expect(refused.json['data']).toBeUndefined()
  })

  it('is not told again what it was told before', async () => {
    const key = await world.addClient({ id: 'mid-repeat', roles: ['C'], kind: 'person' })
    const body = jsonBody({ name: 'again' })
    const path = '/v1/notes/secret/fetches'
    const request = { method: 'POST', path, body, idempotencyKey: 'mid-repeat' } as const
    expect((await world.ask(key, request)).status).toBe(200)
    deeds.nextRead = revokeMeanwhile('mid-repeat')
    const refused = await world.ask(key, request)
    deeds.nextRead = undefined
    expect(refused).toMatchObject({ status: 401, code: 'certificate_revoked' })
    expect(refused.json['data']).toBeUndefined()
  })
})

describe('bodies', () => {
  it.each([
    ['no content', '', 'malformed_json'],
    ['half a document', '{"name":"x"', 'malformed_json'],
    ['a repeated member', '{"name":"x","name":"y"}', 'malformed_json'],
    ['a lone surrogate', '{"name":"\\ud800"}', 'malformed_json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'malformed_json'],
    ['a byte-order mark', '\ufeff{"name":"x"}', 'malformed_json'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 'malformed_json'],
    ['a number beyond all', '{"name":1e999}', 'malformed_json'],
    ['__proto__', '{"__proto__":{"name":"x"}}', 'malformed_json'],
    ['a comment', '{"name":"x"} // y', 'malformed_json'],
    ['an array', '[]', 'validation_failed'],
    ['null', 'null', 'validation_failed'],
    ['NUL in a value', '{"name":"a\\u0000b"}', 'validation_failed'],
    ['a name of 10,000 characters', `{"name":"${'长'.repeat(600)}"}`, 'validation_failed'],
    ['an unknown field deep inside', '{"name":"x","place":{"street":"s","z":1}}', 'unknown_field'],
    [
      'an unknown field in one of two shapes',
      '{"name":"x","tags":[{"tag":"t","z":1}]}',
      'unknown_field',
    ],
    ['too many bytes', JSON.stringify({ name: 'x'.repeat(2000) }), 'body_too_large'],
  ])('with %s are refused', async (_what, body, code) => {
    const reply = await world.ask(clerk, add(undefined, { body: Buffer.from(body) }))
    expect(reply.code).toBe(code)
    expect(reply.json['title']).toMatch(/\p{Script=Han}/u)
  })

  it('are judged field by field, in Chinese, without repeating what was sent', async () => {
    const secret = '370299190001010013'
    const body = { name: secret.repeat(2), kind: secret, place: { street: 7 } }
    const reply = await world.ask(clerk, add(body))
    expect(reply.json['errors']).toEqual([
      { pointer: '/name', code: 'too_big', detail: '不得超过 20 个字符' },
      { pointer: '/kind', code: 'invalid_value', detail: '只能是以下之一:a、b' },
      { pointer: '/place/street', code: 'invalid_type', detail: '类型不对,应为文字' },
    ])
    expect(reply.text).not.toContain(secret)
    const missing = await world.ask(clerk, add({}))
    expect(missing.json['errors']).toEqual([
      { pointer: '/name', code: 'missing', detail: '缺少此项' },
    ])
  })

  it('need a digest', async () => {
    const { headers, ...signed } = await world.sign(clerk, add({ name: 'x' }))
    const bare = await world.sign(clerk, { method: 'POST', path: '/v1/notes' })
    expect((await world.send({ ...bare, body: signed.body })).code).toBe('digest_mismatch')
    const two = `${contentDigest('sha-256', Buffer.from('x'))}, ${contentDigest('sm3', Buffer.from('x'))}`
    const changed = { ...signed, headers: { ...headers, 'content-digest': two } }
    expect((await world.send(changed)).code).toBe('signature_invalid')
  })

  it('may be empty objects where none is asked for, and nothing else', async () => {
    const request = { ...read, method: 'GET' as const }
    const signed = await world.sign(clerk, { ...request, path: '/v1/notes/x?depth=12' })
    expect((await world.send(signed)).code).toBe('validation_failed')
    const unknown = await world.ask(clerk, { ...request, path: '/v1/notes/x?deep=1' })
    expect(unknown.json['errors']).toMatchObject([{ pointer: '/deep', code: 'unknown_field' }])
    const twice = await world.ask(clerk, { ...request, path: '/v1/notes/x?depth=1&depth=2' })
    expect(twice.code).toBe('validation_failed')
  })
})

describe('an error that nobody expected', () => {
  it('is answered with the request id alone, logged without its message, and writes nothing', async () => {
    const reply = await world.ask(clerk, add({ name: 'break' }))
    expect(reply).toMatchObject({ status: 500, code: 'internal' })
    const log = JSON.stringify(world.logged)
    expect(log).toContain('"error":"Error"')
    expect(`${log}${reply.text}`).not.toContain('370299190001010013')
    const rows = await world.store.db.selectFrom('setting').selectAll().execute()
    expect(rows.map(({ name }) => name)).not.toContain('note-break')
  })
})
