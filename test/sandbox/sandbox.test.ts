import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { registerCertificate } from '../../src/access/register-certificate.ts'
import { cityDir, migrationsDir } from '../../src/cli/package-root.ts'
import { createGatewayClient, type GatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { asId } from '../../src/contract/ids.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { isSynthetic, mayBeKept } from '../../src/licences/synthetic-holder.ts'
import { startGateway } from '../../src/main.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startedGateway } from '../support/started-gateway.ts'

type Started = Awaited<ReturnType<typeof startedGateway>>
let sandbox: Started
let other: Started

beforeAll(async () => {
  sandbox = await startedGateway('https://sandbox.example', {
    mode: 'sandbox',
    cityDate: '2018-11-30',
  })
  other = await startedGateway('https://gateway.example')
  await loadMagicPapers()
}, 180_000)

const clientOf = async (
  gateway: Started,
  clientId: string,
  more: { operatorId?: string; keyOf?: Started } = {},
): Promise<GatewayClient> =>
  createGatewayClient({
    publicUrl: gateway.publicUrl,
    connectUrl: gateway.url,
    key: await readKeyFolder(join((more.keyOf ?? gateway).folder.clients, clientId)),
    now: () => new Date(),
    randomBytes,
    ...(more.operatorId === undefined ? {} : { operatorId: more.operatorId }),
  })

const post = async (client: GatewayClient, path: string, body: object = {}) => {
  const idempotencyKey = randomBytes(12).toString('hex')
  return client.request('POST', path, parseJson(JSON.stringify(body)), { idempotencyKey })
}

const magic = z.object({
  subjects: z.array(
    z.object({
      group: z.string(),
      idType: z.string(),
      id: z.string(),
      name: z.string(),
      behaviour: z.string(),
      expectState: z.string().optional(),
      papers: z.array(
        z.object({ row: z.looseObject({ issuer: z.looseObject({ code: z.string() }) }) }),
      ),
    }),
  ),
})
const subjectsText = await readFile(join(cityDir, 'subjects.json'), 'utf8')
const subjects = magic
  .parse(JSON.parse(subjectsText))
  .subjects.filter(({ group }) => group === 'magic')
const batch = z.object({ batchId: z.string(), state: z.string(), root: z.string().nullable() })

/** All papers of the magic subjects, whether in stock or behind a hall, as a sandbox without halls has them. */
const loadMagicPapers = async (): Promise<void> => {
  const rows = subjects.flatMap(({ papers }) => papers.map(({ row }) => row))
  for (const [code, department] of Object.entries(departments)) {
    const own = rows.filter(({ issuer }) => issuer.code === code)
    if (own.length > 0) await loadBatch(department, code, own)
  }
}

const departments = {
  '113702990037000297': 'police',
  '113702990037000372': 'police-traffic',
  '11370299003700053P': 'land',
  '1137029900370007XA': 'market',
}

const loadBatch = async (
  department: string,
  issuerCode: string,
  rows: readonly object[],
): Promise<void> => {
  const [first, second] = [
    await clientOf(sandbox, `${department}-steward-1`),
    await clientOf(sandbox, `${department}-steward-2`),
  ]
  const wanted = { issuerCode, format: 'ndjson', expectedRows: rows.length, expectedChunks: 1 }
  const { batchId } = batch.parse((await post(first, '/v1/batches', wanted)).data)
  const path = `/v1/batches/${batchId}`
  const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await first.request('PUT', `${path}/chunks/1`, lines, { contentType: 'application/x-ndjson' })
  await post(first, `${path}/validate`)
  const { root } = await untilState(first, path, 'validated')
  const counts = z.object({ counts: z.object({ valid: z.int() }) })
  const { valid } = counts.parse((await first.request('GET', path)).data).counts
  const released = await post(second, `${path}/release`, { root, rows: valid })
  expect(released.status, released.text).toBe(202)
  await untilState(first, path, 'released')
}

const untilState = async (client: GatewayClient, path: string, wanted: string) => {
  for (;;) {
    const found = batch.parse((await client.request('GET', path)).data)
    if (found.state === wanted) return found
    if (found.state === 'failed') throw new Error('the batch failed')
    await sleep(100)
  }
}

const itemOf = {
  'GA-SFZ': ['QD-RS-007', 'QD-RS-007-M01'],
  'GA-JSZ': ['QD-GA-006', 'QD-GA-006-M02'],
  'GT-BDC': ['QD-GJJ-003', 'QD-GJJ-003-M03'],
  'GS-YYZZ': ['QD-YL-002', 'QD-YL-002-M02'],
} as const

let count = 0
const stateOf = async (behaviour: string, type: keyof typeof itemOf, idType = '111') => {
  const subject = subjects.find((each) => each.behaviour === behaviour && each.idType === idType)
  if (subject === undefined) throw new Error(`no subject for ${behaviour}`)
  const [itemCode, code] = itemOf[type]
  const registrar = await clientOf(sandbox, 'registrar-city')
  const { id, name } = subject
  const registered = await post(registrar, '/v1/cases', {
    caseNo: `S-${String((count += 1))}`,
    itemCode,
    channel: 'hall',
    subject: { idType, id, name },
    operator: { id: 'clerk-city-001', name: '孙晓琳' },
  })
  const { caseId } = z.object({ caseId: z.string() }).parse(registered.data)
  const clerk = await clientOf(sandbox, 'clerk-city', { operatorId: 'clerk-city-001' })
  const fetched = await post(clerk, `/v1/cases/${caseId}/fetches`, { materials: [{ code }] })
  const shape = z.object({ materials: z.array(z.looseObject({ state: z.string() })) })
  const [material] = shape.parse(fetched.data).materials
  return { state: material?.state, text: fetched.text, subject }
}

describe('a sandbox', () => {
  it.each([
    ['all_present', 'GA-SFZ', 'fetched'],
    ['not_found', 'GA-SFZ', 'not_found'],
    ['holder_mismatch', 'GA-SFZ', 'not_found'],
    ['revoked', 'GA-JSZ', 'revoked'],
    ['expired', 'GA-JSZ', 'expired'],
    ['suspended', 'GA-JSZ', 'suspended'],
    ['ambiguous', 'GT-BDC', 'ambiguous'],
    ['disputed', 'GT-BDC', 'disputed'],
    ['sealed', 'GA-SFZ', 'forbidden'],
  ] as const)('answers for the subject %s, %s: %s', async (behaviour, type, state) => {
    const found = await stateOf(behaviour, type)
    expect(found.state).toBe(state)
    if (behaviour !== 'all_present') {
      expect(found.subject.expectState).toBe(state)
      expect(found.text).not.toContain('sdJwt')
    }
    expect(found.text).not.toContain('测试本名')
  })

  it.each([
    ['cancelled', 'revoked'],
    ['version_history', 'fetched'],
  ] as const)('answers for the firm %s: %s', async (behaviour, state) => {
    expect((await stateOf(behaviour, 'GS-YYZZ', '001')).state).toBe(state)
  })

  it('is nobody to another gateway’s keys, nor the other to its own, even when the registry holds them', async () => {
    for (const [to, keyOf] of [
      [sandbox, other],
      [other, sandbox],
    ] as const) {
      const stranger = await clientOf(to, 'clerk-city', { keyOf })
      const refused = await stranger.request('GET', '/v1/items/QD-RS-007')
      expect(refused.problem).toMatchObject({ code: 'client_unknown' })
      const key = await readKeyFolder(join(keyOf.folder.clients, 'clerk-city'))
      const der = await certificateIn(keyOf)
      const store = await openStore({ databaseUrl: to.databaseUrl })
      await inTransaction(store, (tx) =>
        registerCertificate(tx, { clientId: asId('clerk-city'), der, now: new Date() }),
      )
      await store.close()
      await sleep(1000)
      expect(key.keyId).toHaveLength(43)
      const still = await stranger.request('GET', '/v1/items/QD-RS-007')
      expect(still.problem).toMatchObject({ code: 'client_unknown' })
    }
  })

  it('never opens another gateway’s database, nor the other its own', async () => {
    const crossed = { ...sandbox.config, databaseUrl: other.databaseUrl }
    await expect(startGateway(crossed, sandbox.gateway, { migrationsDir })).rejects.toMatchObject({
      code: 'wrong_environment',
    })
    const back = { ...other.config, databaseUrl: sandbox.databaseUrl }
    await expect(startGateway(back, other.gateway, { migrationsDir })).rejects.toMatchObject({
      code: 'wrong_environment',
    })
  })

  it('takes no case about a real person', async () => {
    const registrar = await clientOf(sandbox, 'registrar-city')
    const refused = await post(registrar, '/v1/cases', {
      caseNo: 'S-real',
      itemCode: 'QD-RS-007',
      channel: 'hall',
      subject: { idType: '511', id: '12345678', name: '某人' },
      operator: { id: 'clerk-city-001', name: '孙晓琳' },
    })
    expect(refused.problem).toMatchObject({
      code: 'validation_failed',
      errors: [{ code: 'holder_environment' }],
    })
  })
})

const certificateIn = async ({ folder }: Started): Promise<Uint8Array> => {
  const pem = await readFile(join(folder.clients, 'clerk-city', 'cert.pem'), 'utf8')
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
}

describe('whose papers are kept', () => {
  const invented = { idType: '111', id: '370299190001010013' }
  const firm = { idType: '001', id: '91370299MA99900191' }
  const real = { idType: '111', id: '370203190001010013' }
  const passport = { idType: '414', id: 'E12345678' }

  it('knows the invented by the area that was never issued', () => {
    expect([invented, firm, real, passport].map(isSynthetic)).toEqual([true, true, false, false])
  })

  it('keeps the invented out of a live gateway and everybody else out of a sandbox', () => {
    expect([invented, firm, real, passport].map((each) => mayBeKept('real', each))).toEqual([
      ...[false, false, true, true],
    ])
    expect([invented, firm, real, passport].map((each) => mayBeKept('synthetic', each))).toEqual([
      ...[true, true, false, false],
    ])
  })
})
