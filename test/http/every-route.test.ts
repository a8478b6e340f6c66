import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { revokeCertificates } from '../../src/access/client-store.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { cityFileSchema } from '../../src/cli/init/city-file.ts'
import { initGateway } from '../../src/cli/init/init-gateway.ts'
import { cityDir, migrationsDir } from '../../src/cli/package-root.ts'
import { loadRequestKey } from '../../src/client/request-key.ts'
import {
  type OutgoingRequest,
  type RequestKey,
  requestKeyOf,
  type SignedRequest,
  signRequest,
} from '../../src/client/sign-request.ts'
import { dataFolder, readConfig } from '../../src/config.ts'
import type { Role } from '../../src/contract/caller.ts'
import { asId } from '../../src/contract/ids.ts'
import { isJsonObject } from '../../src/crypto/json-value.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { loadFileSigner } from '../../src/crypto/signer.ts'
import { startGateway } from '../../src/main.ts'
import { openStore } from '../../src/store/open-store.ts'
import { issueCertificate, makeRoot } from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { everyRouteRefuses, operationsOf, type Surface } from './security-suite.ts'

const publicUrl = 'https://gateway.example'
const clientOfRole: Readonly<Record<Role, string>> = {
  R: 'registrar-city',
  C: 'clerk-city',
  P: 'portal-city',
  D: 'push-land',
  S: 'land-steward-1',
  O: 'hall-operator',
  A: 'auditor-1',
  V: 'supervisor-1',
  H: 'hotline',
  X: 'admin-1',
  Y: 'security-1',
}

const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))

const cityWithHallOperator = async () => {
  const city = cityFileSchema.parse(await readCity('organisations.json'))
  const hallOperator = { id: 'hall-operator', kind: 'system', organisation: 'land', roles: ['O'] }
  return cityFileSchema.parse({ ...city, clients: [...city.clients, hallOperator] })
}

/** The gateway itself, with all its rooms, set up from the synthetic city. */
const startRealGateway = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-every-route-'))
  const databaseUrl = await emptyDatabaseUrl()
  const env = { ZHENGQIAO_DATA: dataDir, DATABASE_URL: databaseUrl, ZHENGQIAO_LOG: 'silent' }
  const config = { ...readConfig(env, dataDir), port: 0 }
  const gateway = { mode: 'development', name: 'gateway.example', publicUrl } as const
  const catalogue = parseCatalogue({
    licenceTypes: await readCity('licence-types.json'),
    serviceItems: await readCity('service-items.json'),
  })
  const city = await cityWithHallOperator()
  await initGateway({ config, gateway, city, catalogue, now: new Date(), randomBytes })
  await spoilKeys(databaseUrl)
  const running = await startGateway(config, gateway, { migrationsDir })
  return { running, dataDir, databaseUrl }
}

const spoilKeys = async (databaseUrl: string): Promise<void> => {
  const store = await openStore({ databaseUrl })
  const revoked = { at: new Date(), reason: 'test' }
  await revokeCertificates(store.db, { clientId: asId('push-tobacco') }, revoked)
  await store.db
    .updateTable('client_certificate')
    .set({ not_after: new Date(Date.now() - 1000) })
    .where('client_id', '=', 'push-market')
    .execute()
  await store.close()
}

const strangersKey = async (): Promise<RequestKey> => {
  const { key, privateKeyPem } = generateP256Key()
  const validity = { notBefore: new Date(Date.now() - 1e6), notAfter: new Date(Date.now() + 1e8) }
  const subject = writeName({ commonName: 'stranger' })
  const issuer = await makeRoot({ subject, key, validity, random: randomBytes })
  const uri = 'urn:zhengqiao:client:clerk-city'
  const order = { issuer, profile: 'client', subject, spki: key.spki, uri, validity } as const
  const der = await issueCertificate({ ...order, random: randomBytes })
  return requestKeyOf(loadFileSigner(privateKeyPem, [der]))
}

const { running, dataDir } = await startRealGateway()
afterAll(async () => {
  await running.close()
  await rm(dataDir, { recursive: true })
})

const keyOfClient = async (clientId: string): Promise<RequestKey> => {
  const read = (file: string) => readFile(join(dataFolder(dataDir).clients, clientId, file), 'utf8')
  return loadRequestKey(await read('key.pem'), await read('cert.pem'))
}

const sign = (key: RequestKey, request: OutgoingRequest, skewSeconds = 0) =>
  signRequest({ key, now: new Date(Date.now() + skewSeconds * 1000), randomBytes }, request)

const send = async (request: SignedRequest) => {
  const response = await fetch(request.url.replace(publicUrl, running.url), {
    method: request.method,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: Buffer.from(request.body) }),
  })
  const answer = parseJson(await response.text())
  return { status: response.status, code: isJsonObject(answer) ? answer['code'] : undefined }
}

const keys = new Map<string, RequestKey>()
for (const clientId of [...Object.values(clientOfRole), 'push-tobacco', 'push-market'])
  keys.set(clientId, await keyOfClient(clientId))
const known = (clientId: string): RequestKey => {
  const key = keys.get(clientId)
  if (key === undefined) throw new Error(`no key of ${clientId}`)
  return key
}
const surface: Surface = {
  publicUrl,
  sign,
  send,
  signAt: (skewSeconds, key, request) => sign(key, request, skewSeconds),
  keyOf: (role) => known(clientOfRole[role]),
  stranger: await strangersKey(),
  revoked: known('push-tobacco'),
  expired: known('push-market'),
}

const operations = operationsOf(
  parseJson(await (await fetch(`${running.url}/openapi.json`)).text()),
)

it('finds every operation of the running gateway in its own document', () => {
  expect(operations.length).toBeGreaterThan(15)
  expect(operations.map(({ method, path }) => `${method} ${path}`)).toContain('POST /v1/cases')
})

everyRouteRefuses('gateway', () => surface, operations)
