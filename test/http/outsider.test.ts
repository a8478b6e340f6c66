import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createGatewayClient, type GatewayAnswer } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { type OutgoingRequest, signRequest } from '../../src/client/sign-request.ts'
import type { Json } from '../../src/contract/endpoint.ts'
import { startedGateway } from '../support/started-gateway.ts'
import { papersOf } from '../recipes/recipe-city.ts'

const police = '113702990037000297'
const land = '11370299003700053P'
const idCard = `${police}016`
let gateway: Awaited<ReturnType<typeof startedGateway>>

beforeAll(async () => {
  gateway = await startedGateway('https://gateway.example', { cityDate: '2018-11-30' })
}, 120_000)

const keyOf = (clientId: string) => readKeyFolder(join(gateway.folder.clients, clientId))

const ask = async (
  clientId: string,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: Json | Buffer,
): Promise<GatewayAnswer> => {
  const client = createGatewayClient({
    publicUrl: gateway.publicUrl,
    connectUrl: gateway.url,
    key: await keyOf(clientId),
    now: () => new Date(),
    randomBytes,
  })
  return client.request(method, path, body, {
    ...(method === 'POST' ? { idempotencyKey: randomBytes(12).toString('hex') } : {}),
    ...(Buffer.isBuffer(body) ? { contentType: 'application/x-ndjson' } : {}),
  })
}

const must = async (...request: Parameters<typeof ask>): Promise<unknown> => {
  const { status, text, data } = await ask(...request)
  expect(status, text).toBeLessThan(300)
  return data
}
const codeOf = ({ problem, status }: GatewayAnswer) => problem?.['code'] ?? status

/** Sends a signed request with some headers changed after signing. */
const deliver = async (
  clientId: string,
  { path, ...request }: Omit<OutgoingRequest, 'url'> & { readonly path: string },
  change: Readonly<Record<string, string>> = {},
) => {
  const signed = await signRequest(
    { key: await keyOf(clientId), now: new Date(), randomBytes },
    { ...request, url: gateway.publicUrl + path },
  )
  const response = await fetch(gateway.url + path, {
    method: request.method,
    headers: { ...signed.headers, ...change },
    ...(signed.body === undefined ? {} : { body: Buffer.from(signed.body) }),
  })
  const answer = z.looseObject({ code: z.unknown() }).parse(await response.json())
  return { status: response.status, code: answer.code }
}

const openBatch = async (clientId: string, issuerCode: string, rows = 1): Promise<string> => {
  const wanted = { issuerCode, format: 'ndjson', expectedRows: rows, expectedChunks: 1 }
  const opened = await must(clientId, 'POST', '/v1/batches', wanted)
  return `/v1/batches/${z.object({ batchId: z.string() }).parse(opened).batchId}`
}

describe('a steward of another department', () => {
  it('finds no batch, no grant and no way to speak for the department', async () => {
    const path = await openBatch('police-steward-1', police)
    for (const [method, target] of [
      ['GET', path],
      ['GET', `${path}/errors`],
      ['POST', `${path}/validate`],
      ['POST', `${path}/rollback`],
    ] as const)
      expect(codeOf(await ask('land-steward-1', method, target))).toBe('batch_not_found')
    const grants = z.object({
      grants: z.array(z.looseObject({ grantId: z.string(), typeCode: z.string() })),
    })
    const all = grants.parse(await must('admin-1', 'GET', '/v1/grants?client=clerk-city&limit=200'))
    const other = all.grants.find(({ typeCode }) => typeCode === idCard)?.grantId ?? ''
    const refused = await ask('land-steward-1', 'POST', `/v1/grants/${other}/revoke`, {
      reason: '越权',
    })
    const absent = await ask(
      'land-steward-1',
      'POST',
      '/v1/grants/01937b7e-0000-7000-8000-000000000000/revoke',
      { reason: '越权' },
    )
    expect([codeOf(refused), codeOf(absent)]).toEqual(['grant_not_found', 'grant_not_found'])
    const count = { issuerCode: police, typeCode: idCard, rows: 1, asOf: '2018-11-30' }
    expect(codeOf(await ask('land-steward-1', 'POST', '/v1/declarations', count))).toBe(
      'scope_missing',
    )
    const chain = await readFile(join(gateway.folder.clients, 'land-steward-1', 'cert.pem'), 'utf8')
    const certificate = { issuerCode: police, chain }
    expect(
      codeOf(await ask('land-steward-1', 'POST', '/v1/signing-certificates', certificate)),
    ).toBe('scope_missing')
  })
})

describe('what a department says of its stock, over HTTP', () => {
  it('a declaration is kept and shown to it; the next one takes its place', async () => {
    for (const rows of [100, 120])
      await must('police-steward-1', 'POST', '/v1/declarations', {
        ...{ issuerCode: police, typeCode: idCard, rows, asOf: '2018-11-30' },
      })
    const seen = await ask('police-steward-1', 'GET', '/v1/declarations')
    expect(seen.text).toContain('"declared":120')
    const strange = await ask('land-steward-1', 'GET', '/v1/declarations')
    expect(strange.text).not.toContain(idCard)
  })

  it.each([
    ['another department’s type', { typeCode: `${land}009` }, 'validation_failed'],
    ['a type that there is not', { typeCode: `${police}999` }, 'type_not_found'],
    ['a day to come', { asOf: '2199-01-01' }, 'validation_failed'],
    ['fewer than none', { rows: -1 }, 'validation_failed'],
    ['more than a number holds', { rows: 1e15 }, 'validation_failed'],
    ['a part of a row', { rows: 1.5 }, 'validation_failed'],
    [
      'a code in full width',
      { issuerCode: '１１３７０２９９００３７０００２９７' },
      'validation_failed',
    ],
  ])('a declaration of %s is refused', async (_what, change, code) => {
    const good = { issuerCode: police, typeCode: idCard, rows: 1, asOf: '2018-11-30' }
    const answer = await ask('police-steward-1', 'POST', '/v1/declarations', { ...good, ...change })
    expect(codeOf(answer)).toBe(code)
  })

  it('a signing certificate that is a client’s, or no certificate, is refused', async () => {
    const own = await readFile(join(gateway.folder.clients, 'police-steward-1', 'cert.pem'), 'utf8')
    for (const chain of [own, 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n'])
      expect(
        codeOf(
          await ask('police-steward-1', 'POST', '/v1/signing-certificates', {
            issuerCode: police,
            chain,
          }),
        ),
      ).toBe('validation_failed')
  })
})

describe('two uploads of one chunk at a time', () => {
  it('leave one of them, whole, and the digest that stands is of the rows that stand', async () => {
    const rows = (await papersOf(police)).slice(0, 2).map((row) => `${JSON.stringify(row)}\n`)
    const bodies = [rows.slice(0, 1), rows.slice(1)].map((part) => Buffer.from(part.join('')))
    const path = await openBatch('police-steward-1', police, 1)
    const racing = bodies.map((body) => ask('police-steward-1', 'PUT', `${path}/chunks/1`, body))
    const answers = await Promise.all(racing)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201])
    await must('police-steward-1', 'POST', `${path}/validate`, {})
    const batch = z.object({
      state: z.string(),
      counts: z.object({ valid: z.int(), quarantined: z.int() }).nullable(),
    })
    for (;;) {
      const seen = batch.parse(await must('police-steward-1', 'GET', path))
      if (['open', 'validating'].includes(seen.state)) await sleep(100)
      else {
        expect(seen).toMatchObject({ state: 'validated', counts: { valid: 1, quarantined: 0 } })
        break
      }
    }
  }, 60_000)
})

describe('what is forged', () => {
  const cursorOf = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each([
    ...[
      'x',
      '%00',
      cursorOf({}),
      cursorOf([null]),
      cursorOf([1e15, 1, 1]),
      cursorOf([1, 99999, 1]),
    ],
    ...[cursorOf([8.7e15, 1, 1]), cursorOf([1, 1, -(2 ** 53 - 1)]), cursorOf(['a\u0000', 1])],
    ...[cursorOf([1.5, 1, 1]), cursorOf([[[1]]]), cursorOf(['9'.repeat(200)]), '='.repeat(300)],
  ])('a cursor %s is a refusal or an empty page, and no fault', async (cursor) => {
    for (const [client, path] of [
      ['auditor-1', '/v1/audit/events?client=clerk-city&reason=audit&'],
      ['auditor-1', '/v1/audit/checkpoints?'],
      ['admin-1', '/v1/grants?client=clerk-city&'],
      ['admin-1', '/v1/clients?'],
      ['admin-1', '/v1/operators?'],
      ['admin-1', '/v1/organisations?'],
    ] as const) {
      const { status, text } = await ask(
        client,
        'GET',
        `${path}cursor=${encodeURIComponent(cursor)}`,
      )
      expect([200, 400, 404, 422], `${path} ${text}`).toContain(status)
    }
  })

  it('an id with another alphabet, a control or no end is nobody’s', async () => {
    const strange = [
      'clеrk-city',
      'ｃｌｅｒｋ',
      'clerk-city\u200b',
      'clerk-city\u0000',
      'CLERK-CITY',
      'a'.repeat(900),
    ]
    for (const id of strange) {
      const { status, text } = await ask('admin-1', 'GET', `/v1/clients/${encodeURIComponent(id)}`)
      expect([400, 404, 422], text).toContain(status)
    }
    for (const chunk of ['0', '-1', '1e3', '٣', '99999999999999999999', '1.5', ' 1']) {
      const path = `/v1/batches/01937b7e-0000-7000-8000-000000000000/chunks/${encodeURIComponent(chunk)}`
      const { status, text } = await ask('police-steward-1', 'PUT', path, Buffer.from('{}\n'))
      expect([400, 404, 422], text).toContain(status)
    }
  })

  it('a digest that was changed after signing, whatever its algorithm, is no signature', async () => {
    const body = Buffer.from('{}')
    const request = { method: 'POST', path: '/v1/cases', body, idempotencyKey: 'd' } as const
    const by = (name: string) => createHash(name).update(body).digest('base64')
    for (const digest of [
      `md5=:${by('md5')}:`,
      `sha=:${by('sha1')}:`,
      `sha-512=:${by('sha512')}:`,
      `sha-256=:${by('sha256')}:, md5=:${by('md5')}:`,
      `sha-256=:${by('sha256')}`,
    ])
      expect((await deliver('registrar-city', request, { 'content-digest': digest })).code).toBe(
        'signature_invalid',
      )
  })

  it('another client’s key id under one’s own signature is no signature', async () => {
    const read = { method: 'GET', path: '/v1/items/QD-RS-007' } as const
    const signed = await signRequest(
      { key: await keyOf('clerk-city'), now: new Date(), randomBytes },
      { ...read, url: gateway.publicUrl + read.path },
    )
    const { keyId } = await keyOf('clerk-city')
    const { keyId: victim } = await keyOf('auditor-1')
    const input = (signed.headers['signature-input'] ?? '').replace(keyId, victim)
    expect(input).toContain(victim)
    const headers = { ...signed.headers, 'signature-input': input }
    const response = await fetch(gateway.url + read.path, { headers })
    expect(await response.json()).toMatchObject({ code: 'signature_invalid' })
  })
})

describe('without the right', () => {
  it('the stream of halls is closed, and so is the search for events', async () => {
    const signed = await signRequest(
      { key: await keyOf('push-police'), now: new Date(), randomBytes },
      { method: 'GET', url: `${gateway.publicUrl}/v1/halls` },
    )
    const headers = { ...signed.headers, accept: 'text/event-stream' }
    const response = await fetch(`${gateway.url}/v1/halls`, { headers })
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).not.toContain('event-stream')
    for (const client of ['clerk-city', 'admin-1', 'police-steward-1'])
      expect(codeOf(await ask(client, 'GET', '/v1/audit/events?client=clerk-city&reason=x1'))).toBe(
        'scope_missing',
      )
  })

  it('a system cannot do what takes a person', async () => {
    const path = await openBatch('police-steward-1', police)
    for (const target of [`${path}/release`, `${path}/rollback`]) {
      const { status } = await ask('push-police', 'POST', target, { root: 'A'.repeat(43), rows: 1 })
      expect([403, 409, 422]).toContain(status)
    }
  })
})

describe('the figures', () => {
  it('name nobody: no client, no operator, no id, after all of the above', async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text).toContain('zhengqiao_')
    for (const word of ['clerk-city', 'steward', 'admin-1', '370299', '孙晓琳', '01937b7e'])
      expect(text).not.toContain(word)
  })
})
