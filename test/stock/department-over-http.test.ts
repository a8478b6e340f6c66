import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createGatewayClient, type GatewayAnswer } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { signStandingOrder } from '../../src/client/sign-standing-order.ts'
import type { Json } from '../../src/contract/endpoint.ts'
import { cityDateOf } from '../../src/contract/clock.ts'
import { decodeBase64Url } from '../../src/crypto/base64url.ts'
import { certificateIdOf } from '../../src/crypto/certificate-id.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { loadSigner } from '../../src/crypto/sm2/load-signer.ts'
import {
  formatLicenceIdentifier,
  parseLicenceIdentifier,
} from '../../src/licences/licence-identifier.ts'
import { custodyPolicies, type KeyCustody } from '../../src/verification/key-custody.ts'
import { issueCertificate } from '../../src/trust/dev-ca.ts'
import { generateP256Key, loadP256Key } from '../../src/trust/issuing-key.ts'
import { parseCertificate } from '../../src/trust/parse-certificate.ts'
import { toPem } from '../../src/trust/pem.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startedGateway } from '../support/started-gateway.ts'
import { papersOf, registrationOf } from '../recipes/recipe-city.ts'

const police = '113702990037000297'
const idCard = `${police}016`
const dayMs = 86_400_000
let gateway: Awaited<ReturnType<typeof startedGateway>>
let url: string

beforeAll(async () => {
  gateway = await startedGateway('https://gateway.example', { cityDate: '2018-11-30' })
  url = gateway.url
}, 120_000)

const ask = async (
  clientId: string,
  method: 'GET' | 'POST',
  path: string,
  body?: Json,
): Promise<GatewayAnswer> => {
  const client = createGatewayClient({
    publicUrl: gateway.publicUrl,
    connectUrl: url,
    key: await readKeyFolder(join(gateway.folder.clients, clientId)),
    now: () => new Date(),
    randomBytes,
    ...(clientId === 'clerk-city' ? { operatorId: 'clerk-city-001' } : {}),
  })
  const key = { idempotencyKey: randomBytes(12).toString('hex') }
  return client.request(method, path, body, method === 'POST' ? key : {})
}

const must = async (...request: Parameters<typeof ask>): Promise<GatewayAnswer> => {
  const answer = await ask(...request)
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer
}

const codeOf = ({ problem, status }: GatewayAnswer) => problem?.['code'] ?? status

const allow = async (steward: string): Promise<GatewayAnswer> => {
  const read = (file: string) => readFile(join(gateway.folder.clients, steward, file), 'utf8')
  const chain = [new X509Certificate(await read('cert.pem')).raw]
  // The police of the synthetic city sign with SM2.
  const signer = loadSigner(openPlainGmCrypto().sm2, await read('key.pem'), chain)
  const jws = await signStandingOrder(signer, {
    issuer: police,
    types: [idCard],
    maxPerDay: 100,
    until: cityDateOf(new Date(Date.now() + 30 * dayMs)),
  })
  return ask(steward, 'POST', '/v1/standing-orders', { jws })
}

/** The clerk’s person’s identity card, as the police’s own system pushes it. */
const newIdCard = async (): Promise<Record<string, Json>> => {
  const rows = await papersOf(police)
  const row = rows.map((each) => parseJson(JSON.stringify(each))).find(isIdCard)
  if (row === undefined) throw new Error('no identity card')
  return z.record(z.string(), z.json()).parse(row)
}
const isIdCard = (row: unknown) =>
  z.looseObject({ typeCode: z.literal(idCard) }).safeParse(row).success

const nextVersion = (identifier: unknown, version: string): string => {
  const parts = parseLicenceIdentifier(String(identifier))
  if (parts === undefined) throw new Error('no identifier')
  return formatLicenceIdentifier({ ...parts, version })
}

const issued = z.object({ licenceId: z.string(), version: z.string(), repeated: z.boolean() })

let caseNo = 0
const openCase = async (): Promise<string> => {
  const body = z.json().parse(await registrationOf(`S4-${String((caseNo += 1))}`))
  const { data } = await must('registrar-city', 'POST', '/v1/cases', body)
  return z.object({ caseId: z.string() }).parse(data).caseId
}

const stateOf = async (caseId: string): Promise<string | undefined> => {
  const { data } = await must('clerk-city', 'POST', `/v1/cases/${caseId}/checks`, {})
  const materials = z.array(z.looseObject({ code: z.string(), state: z.string() }))
  return z
    .object({ materials })
    .parse(data)
    .materials.find(({ code }) => code === 'QD-RS-007-M01')?.state
}

/** A signing certificate that the development CA gives the police, its key put into custody. */
const newSigningChain = async (custodyClaimed: KeyCustody = 'gateway'): Promise<string> => {
  const read = (...names: string[]) => readFile(join(...names), 'utf8')
  const issuerDer = new X509Certificate(await read(gateway.folder.trust, 'issuing.pem')).raw
  const { key, privateKeyPem } = generateP256Key()
  const now = Math.floor(Date.now() / 1000) * 1000
  const certificate = await issueCertificate({
    issuer: {
      name: parseCertificate(issuerDer).subject.encoding,
      key: loadP256Key(await read(gateway.folder.authority, 'issuing.key.pem')),
    },
    profile: 'licenceSigning',
    subject: writeName({ countryName: 'CN', commonName: '青岛市公安局' }),
    spki: key.spki,
    uri: `${gateway.publicUrl}/issuers/${police}`,
    validity: { notBefore: new Date(now - 300_000), notAfter: new Date(now + 730 * dayMs) },
    random: randomBytes,
    policies: [custodyPolicies[custodyClaimed]],
  })
  const chain = [certificate, issuerDer].map((der) => toPem('CERTIFICATE', der)).join('')
  const custody = join(gateway.folder.custody, police)
  await writeFile(join(custody, 'key.pem'), privateKeyPem)
  await writeFile(join(custody, 'chain.pem'), chain)
  return chain
}

const register = (chain: string) =>
  ask('police-steward-2', 'POST', '/v1/signing-certificates', { issuerCode: police, chain })

describe('a department that issues one by one, over HTTP', () => {
  it('pushes a licence that a check finds a second later; the same push again is no new version (story 4)', async () => {
    const row = await newIdCard()
    expect(codeOf(await ask('push-police', 'POST', '/v1/licences', row))).toBe(
      'precondition_failed',
    )
    expect((await allow('police-steward-1')).status).toBe(201)
    const caseId = await openCase()
    expect(await stateOf(caseId)).toBe('not_found')
    const pushed = await must('push-police', 'POST', '/v1/licences', row)
    expect(pushed.status).toBe(201)
    await sleep(1000)
    expect(await stateOf(caseId)).toBe('available')
    const again = await must('push-police', 'POST', '/v1/licences', row)
    expect(again.status).toBe(200)
    const first = issued.parse(pushed.data)
    expect(issued.parse(again.data)).toEqual({ ...first, repeated: true })
    const { data } = await must('push-police', 'GET', `/v1/licences/${first.licenceId}/versions`)
    expect(z.object({ versions: z.array(z.unknown()) }).parse(data).versions).toHaveLength(1)
  })

  it('stops with the steward on whose order it is done, and goes on under another’s', async () => {
    const row = await newIdCard()
    const next = { ...row, version: '002', licenceId: nextVersion(row['licenceId'], '002') }
    await must('security-1', 'POST', '/v1/clients/police-steward-1/revoke', { reason: '证书遗失' })
    await sleep(1000)
    expect(codeOf(await ask('push-police', 'POST', '/v1/licences', next))).toBe(
      'precondition_failed',
    )
    expect((await allow('police-steward-2')).status).toBe(201)
    expect((await must('push-police', 'POST', '/v1/licences', next)).status).toBe(201)
  })
})

describe('a department’s new signing certificate, over HTTP', () => {
  it('is taken when the key is there, signs from then on, and the old one does not come back', async () => {
    const old = await readFile(join(gateway.folder.custody, police, 'chain.pem'), 'utf8')
    const chain = await newSigningChain()
    expect(codeOf(await register(chain))).toBe('precondition_failed')
    url = await gateway.restart()
    const registered = await register(chain)
    expect(registered.status, registered.text).toBe(201)
    const { certificateId } = z
      .object({ certificateId: z.string(), issuerCode: z.literal(police) })
      .parse(registered.data)
    expect(codeOf(await register(old))).toBe('precondition_failed')
    expect((await register(chain)).status).toBe(201)
    const caseId = await openCase()
    const row = await newIdCard()
    const next = { ...row, version: '003', licenceId: nextVersion(row['licenceId'], '003') }
    expect((await must('push-police', 'POST', '/v1/licences', next)).status).toBe(201)
    const wanted = { materials: [{ code: 'QD-RS-007-M01' }] }
    const fetched = await must('clerk-city', 'POST', `/v1/cases/${caseId}/fetches`, wanted)
    const [, sdJwt = ''] = /"sdJwt":"([^"]+)"/.exec(fetched.text) ?? []
    const header = z
      .object({ x5c: z.array(z.string()) })
      .parse(JSON.parse(Buffer.from(decodeBase64Url(sdJwt.split('.')[0] ?? '')).toString()))
    expect(certificateIdOf(Buffer.from(header.x5c[0] ?? '', 'base64'))).toBe(certificateId)
  })

  it('that says the department holds the key itself is refused where the gateway does', async () => {
    const chain = await newSigningChain('department')
    url = await gateway.restart()
    expect(codeOf(await register(chain))).toBe('validation_failed')
  })
})

describe('the database after all of that', () => {
  it('holds the holder’s name, number and address readable in no table', async () => {
    const { holders, number, surface } = z
      .looseObject({
        holders: z.array(z.looseObject({ id: z.string(), name: z.string() })).min(1),
        number: z.string(),
        surface: z.looseObject({ domicile: z.string() }),
      })
      .parse(await newIdCard())
    const secrets = [number, surface.domicile, ...holders.flatMap(({ id, name }) => [id, name])]
    const store = await openStore({ databaseUrl: gateway.databaseUrl })
    const { rows: tables } = await store.pool.query<{ name: string }>(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    expect(tables.length).toBeGreaterThan(20)
    let rowCount = 0
    for (const { name } of tables) {
      const { rows } = await store.pool.query<{ text: string }>(
        `select t::text as text from ${name} t`,
      )
      rowCount += rows.length
      const text = rows.map((row) => row.text).join('\n')
      for (const secret of secrets)
        for (const form of [secret, Buffer.from(secret).toString('hex')])
          expect(text.includes(form), `${name} holds a secret`).toBe(false)
    }
    expect(rowCount).toBeGreaterThan(100)
    await store.close()
  })
})
