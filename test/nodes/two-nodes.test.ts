import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { GatewayAnswer, GatewayClient } from '../../src/client/gateway-client.ts'
import { type OutgoingRequest, signRequest } from '../../src/client/sign-request.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { papersOf, registrationOf } from '../recipes/recipe-city.ts'
import { type NodeName, publicUrl, startTwoNodes, type TwoNodes } from './two-nodes.ts'

const police = '113702990037000297'
const idCard = `${police}016`
const operator = 'clerk-city-001'
let nodes: TwoNodes

beforeAll(async () => {
  nodes = await startTwoNodes(await emptyDatabaseUrl())
  await loadPolicePapers()
}, 180_000)
afterAll(() => nodes.close(), 60_000)

const key = () => ({ idempotencyKey: randomBytes(12).toString('hex') })

const post = async (client: GatewayClient, path: string, body: object = {}) => {
  const answer = await client.request('POST', path, parseJson(JSON.stringify(body)), key())
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer
}

const loadPolicePapers = async (): Promise<void> => {
  const [pusher, releaser] = [
    await nodes.clientOf('a', 'police-steward-1'),
    await nodes.clientOf('b', 'police-steward-2'),
  ]
  const rows = await papersOf(police)
  const wanted = { format: 'ndjson', expectedRows: rows.length, expectedChunks: 1 }
  const opened = await post(pusher, '/v1/batches', { issuerCode: police, ...wanted })
  const path = `/v1/batches/${dataOf(opened, z.object({ batchId: z.string() })).batchId}`
  const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await pusher.request('PUT', `${path}/chunks/1`, lines, { contentType: 'application/x-ndjson' })
  await post(pusher, `${path}/validate`)
  const { root } = await untilState(pusher, path, 'validated')
  await post(releaser, `${path}/release`, { root, rows: rows.length })
  await untilState(pusher, path, 'released')
}

const batch = z.object({ state: z.string(), root: z.string().nullable() })

const untilState = async (client: GatewayClient, path: string, wanted: string) => {
  for (;;) {
    const found = dataOf(await client.request('GET', path), batch)
    if (found.state === wanted) return found
    await sleep(100)
  }
}

const dataOf = <Shape extends z.ZodType>({ data }: GatewayAnswer, shape: Shape) => shape.parse(data)

let cases = 0
const openCase = async (node: NodeName): Promise<string> => {
  const registrar = await nodes.clientOf(node, 'registrar-city')
  const body = await registrationOf(`N-${String((cases += 1))}`)
  return dataOf(await post(registrar, '/v1/cases', body), z.object({ caseId: z.string() })).caseId
}

const material = z.object({
  materials: z.array(z.looseObject({ code: z.string(), state: z.string() })),
})
const stateIn = (answer: GatewayAnswer): string => {
  expect(answer.status, answer.text).toBe(200)
  return dataOf(answer, material).materials[0]?.state ?? ''
}
const wanted = { materials: [{ code: 'QD-RS-007-M01' }] }
const grantOf = async (clientId: string): Promise<string> => {
  const admin = await nodes.clientOf('a', 'admin-1')
  const grants = z.array(
    z.object({
      grantId: z.string(),
      typeCode: z.string(),
      itemCode: z.string(),
      status: z.string(),
    }),
  )
  const answer = await admin.request('GET', `/v1/grants?client=${clientId}&limit=200`)
  const found = dataOf(answer, z.object({ grants })).grants.find(
    ({ typeCode, itemCode, status }) =>
      typeCode === idCard && itemCode === 'QD-RS-007' && status === 'active',
  )
  if (found === undefined) throw new Error('no such grant')
  return found.grantId
}

describe('two gateway processes on one database', () => {
  it('a grant that is revoked at one between check and fetch gives nothing at the other a second later, and works again when a new one is approved', async () => {
    const caseId = await openCase('a')
    const clerk = await nodes.clientOf('b', 'clerk-city', operator)
    expect(stateIn(await post(clerk, `/v1/cases/${caseId}/checks`))).toBe('available')
    const steward = await nodes.clientOf('a', 'police-steward-1')
    const grantId = await grantOf('clerk-city')
    await post(steward, `/v1/grants/${grantId}/revoke`, { reason: '用途不符' })
    await sleep(1000)
    const refused = await post(clerk, `/v1/cases/${caseId}/fetches`, wanted)
    expect(stateIn(refused)).toBe('forbidden')
    expect(refused.text).not.toContain('sdJwt')
    const proposal = { clientId: 'clerk-city', typeCode: idCard, itemCode: 'QD-RS-007' }
    const proposed = await post(await nodes.clientOf('b', 'clerk-city'), '/v1/grants', {
      ...proposal,
      legalBasis: '《社会保险法》',
    })
    const { grantId: next } = dataOf(proposed, z.object({ grantId: z.string() }))
    await post(steward, `/v1/grants/${next}/approve`)
    await sleep(1000)
    const fetched = await post(clerk, `/v1/cases/${caseId}/fetches`, wanted)
    expect(stateIn(fetched)).toBe('fetched')
  })

  it('a client that is revoked at one is refused at the other a second later', async () => {
    const leaver = await nodes.clientOf('b', 'push-tobacco')
    expect((await leaver.request('GET', '/v1/clients/push-tobacco')).status).toBe(200)
    const security = await nodes.clientOf('a', 'security-1')
    await post(security, '/v1/clients/push-tobacco/revoke', { reason: '设备遗失' })
    await sleep(1000)
    const refused = await leaver.request('GET', '/v1/clients/push-tobacco')
    expect(refused.problem).toMatchObject({ code: 'certificate_revoked' })
  })

  it('a signed request is good at one of them, once, and not after a restart either', async () => {
    const signed = await signedBy('clerk-city', { method: 'GET', path: '/v1/items/QD-RS-007' })
    const codes = await Promise.all([deliver('a', signed), deliver('b', signed)])
    expect(codes.map(({ status }) => status).sort()).toEqual([200, 401])
    await nodes.restart('b')
    for (const node of ['a', 'b'] as const)
      expect((await deliver(node, signed)).code).toBe('nonce_replayed')
  })

  it('a write with one key is done once, whichever process it reaches, also after a restart', async () => {
    const body = Buffer.from(JSON.stringify(await registrationOf('N-both')))
    const write = { method: 'POST', path: '/v1/cases', body, idempotencyKey: 'both' } as const
    const answers = await Promise.all(
      (['a', 'b', 'a', 'b'] as const).map(async (node) =>
        deliver(node, await signedBy('registrar-city', write)),
      ),
    )
    const done = answers.filter(({ status }) => status === 201)
    expect(done.length).toBeGreaterThan(0)
    for (const { status, code } of answers)
      expect([201, 'idempotency_in_progress']).toContain(status === 201 ? 201 : code)
    await nodes.restart('a')
    for (const node of ['a', 'b'] as const) {
      const again = await deliver(node, await signedBy('registrar-city', write))
      expect(again).toMatchObject({ status: 201, replayed: true, caseId: done[0]?.caseId })
    }
    const other = { ...write, body: Buffer.from(JSON.stringify(await registrationOf('N-else'))) }
    const reused = await deliver('b', await signedBy('registrar-city', other))
    expect(reused).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
  })

  it('a client’s own chain goes on from one to the other', async () => {
    const [a, b] = [
      await nodes.clientOf('a', 'clerk-city'),
      await nodes.clientOf('b', 'clerk-city'),
    ]
    const first = await a.request('GET', '/v1/items/QD-RS-007')
    const signed = await signRequest(
      { key: await nodes.keyOf('clerk-city'), now: new Date(), randomBytes },
      {
        method: 'GET',
        url: `${publicUrl}/v1/items/QD-RS-007`,
        sequence: 2,
        lastReceiptNo: z.string().parse(first.receipt?.['no']),
      },
    )
    expect((await deliver('b', signed)).status).toBe(200)
    expect(b.chain().sequence).toBe(0)
    const auditor = await nodes.clientOf('b', 'auditor-1')
    const reason = encodeURIComponent('核对客户端链')
    const events = z.object({ events: z.array(z.looseObject({ event: z.looseObject({}) })) })
    const found = await auditor.request(
      'GET',
      `/v1/audit/events?client=clerk-city&limit=2&reason=${reason}`,
    )
    expect(dataOf(found, events).events.map(({ event }) => event)).toMatchObject([
      { clientSequence: '2', lastReceiptNo: first.receipt?.['no'] },
      { clientSequence: '1' },
    ])
  })

  it('the 61st check of an operator in ten minutes is refused, wherever the sixty were made', async () => {
    const caseId = await openCase('a')
    const operatorOf = (node: NodeName) => nodes.clientOf(node, 'clerk-city', 'clerk-city-002')
    const [a, b] = [await operatorOf('a'), await operatorOf('b')]
    const check = (client: GatewayClient) =>
      client.request('POST', `/v1/cases/${caseId}/checks`, {})
    for (let count = 0; count < 30; count++) expect((await check(a)).status).toBe(200)
    await sleep(1100)
    for (let count = 0; count < 30; count++) expect((await check(b)).status).toBe(200)
    await sleep(1100)
    expect((await check(b)).status).toBe(429)
    await check(a)
    await sleep(500)
    const refused = await check(a)
    expect(refused.problem).toMatchObject({ code: 'rate_limited' })
    await nodes.restart('a')
    expect((await check(await operatorOf('a'))).status).toBe(429)
  })
})

type Sent = Omit<OutgoingRequest, 'url'> & { readonly path: string }

const signedBy = async (clientId: string, { path, ...request }: Sent) =>
  signRequest(
    { key: await nodes.keyOf(clientId), now: new Date(), randomBytes },
    { ...request, url: publicUrl + path },
  )

const deliver = async (
  node: NodeName,
  signed: Awaited<ReturnType<typeof signRequest>>,
): Promise<{ status: number; code: unknown; replayed: boolean; caseId: unknown }> => {
  const response = await fetch(signed.url.replace(publicUrl, nodes.urlOf(node)), {
    method: signed.method,
    headers: signed.headers,
    ...(signed.body === undefined ? {} : { body: Buffer.from(signed.body) }),
  })
  const answer = z
    .looseObject({ code: z.unknown().optional(), data: z.unknown().optional() })
    .parse(await response.json())
  const { caseId } = z
    .looseObject({ caseId: z.unknown().optional() })
    .catch({ caseId: null })
    .parse(answer.data)
  const replayed = response.headers.get('idempotent-replayed') === 'true'
  return { status: response.status, code: answer.code, replayed, caseId }
}
