import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import {
  freePort,
  type GatewayProcess,
  startGatewayProcess,
} from '../../src/cli/bench/gateway-process.ts'
import { cityFileSchema } from '../../src/cli/init/city-file.ts'
import { initGateway } from '../../src/cli/init/init-gateway.ts'
import { cityDir } from '../../src/cli/package-root.ts'
import { createGatewayClient, type GatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { dataFolder, readConfig } from '../../src/config.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { registrationOf } from '../recipes/recipe-city.ts'

const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))

type Instance = {
  readonly dataDir: string
  readonly port: number
  readonly publicUrl: string
  running: GatewayProcess
}

/** A gateway process with a database of its own in its data folder, as `init` and `serve` make it. */
const startInstance = async (): Promise<Instance> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-beside-'))
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${String(port)}`
  await initGateway({
    config: readConfig({ ZHENGQIAO_DATA: dataDir }, dataDir),
    gateway: { mode: 'development', name: `beside-${String(port)}`, publicUrl },
    city: cityFileSchema.parse(await readCity('organisations.json')),
    catalogue: parseCatalogue({
      licenceTypes: await readCity('licence-types.json'),
      serviceItems: await readCity('service-items.json'),
    }),
    now: new Date(),
    randomBytes,
  })
  return { dataDir, port, publicUrl, running: await serve(dataDir, port) }
}

const serve = (dataDir: string, port: number): Promise<GatewayProcess> => {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL'),
  )
  const env = { ...own, ZHENGQIAO_LOG: 'silent', ZHENGQIAO_CITY_DATE: '2018-11-30' }
  return startGatewayProcess({ dataDir, port, env, profileDir: undefined })
}

const clientOf = async (
  { publicUrl }: Instance,
  clientId: string,
  keyOf: Instance,
): Promise<GatewayClient> =>
  createGatewayClient({
    publicUrl,
    key: await readKeyFolder(join(dataFolder(keyOf.dataDir).clients, clientId)),
    now: () => new Date(),
    randomBytes,
  })

let instances: readonly [Instance, Instance]
beforeAll(async () => {
  instances = await Promise.all([startInstance(), startInstance()])
}, 180_000)
afterAll(async () => {
  await Promise.all(instances.map(({ running }) => running.stop()))
  for (const { dataDir } of instances) {
    await removeCluster(dataDir)
    await rm(dataDir, { recursive: true, force: true })
  }
}, 60_000)

const register = async (instance: Instance, caseNo: string, keyOf = instance) => {
  const registrar = await clientOf(instance, 'registrar-city', keyOf)
  const body = parseJson(JSON.stringify(await registrationOf(caseNo)))
  const answer = await registrar.request('POST', '/v1/cases', body, { idempotencyKey: caseNo })
  const { caseId } = z.object({ caseId: z.string() }).catch({ caseId: '' }).parse(answer.data)
  return { answer, caseId, registrar }
}

describe('two gateways on one machine, each with its own embedded database', () => {
  it('do the same work under the same keys and numbers, each for itself', async () => {
    const [one, other] = await Promise.all(instances.map((each) => register(each, 'BESIDE-1')))
    expect([one?.answer.status, other?.answer.status]).toEqual([201, 201])
    expect(one?.caseId).not.toBe(other?.caseId)
    const strange = await other?.registrar.request('GET', `/v1/cases/${one?.caseId ?? ''}`)
    expect(strange?.problem).toMatchObject({ code: 'case_not_found' })
  })

  it('do not know each other’s clients', async () => {
    const [one, other] = instances
    const { answer } = await register(one, 'BESIDE-2', other)
    expect(answer.problem).toMatchObject({ code: 'client_unknown' })
  })

  it('do not notice when the other is killed, and keep what they have', async () => {
    const [one, other] = instances
    const before = await register(one, 'BESIDE-3')
    process.kill(one.running.pid, 'SIGKILL')
    expect((await register(other, 'BESIDE-3')).answer.status).toBe(201)
    one.running = await serve(one.dataDir, one.port)
    const again = await register(one, 'BESIDE-3')
    expect(again.caseId).toBe(before.caseId)
  })
})
