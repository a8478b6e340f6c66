import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { simulatedHallIds, type SimulatedHallId } from '../../adapters/simulated-halls.ts'
import { licenceTypeSchema } from '../../src/catalogue/licence-type.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { cityFileSchema } from '../../src/cli/init/city-file.ts'
import { initGateway } from '../../src/cli/init/init-gateway.ts'
import { cityDir, migrationsDir, packageRoot } from '../../src/cli/package-root.ts'
import { createGatewayClient, type GatewayAnswer } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { type Config, dataFolder, type GatewayFile, readConfig } from '../../src/config.ts'
import type { Json } from '../../src/contract/endpoint.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { saveHall } from '../../src/halls/hall-store.ts'
import { type RunningGateway, startGateway } from '../../src/main.ts'
import { tell } from '../adapters/harness.ts'
import { aMaterial, anItem } from '../support/catalogue.ts'
import { emptyDatabaseUrl } from '../support/database.ts'

export type HallCity = {
  readonly dataDir: string
  readonly publicUrl: string
  readonly url: () => string
  readonly store: Store
  readonly config: Config
  readonly tell: (hallId: string, act: string, body?: object) => Promise<void>
  readonly calls: (hallId: string) => Promise<number>
  readonly ask: (
    clientId: string,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: Json | Buffer,
  ) => Promise<GatewayAnswer>
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

export type HallCityOptions = {
  readonly halls?: readonly SimulatedHallId[]
  /** Changes to licence types, by short code. */
  readonly types?: Readonly<Record<string, object>>
  readonly mode?: GatewayFile['mode']
}

const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))
const ready = z.object({ hallId: z.string(), controlUrl: z.string(), row: z.string() })

/** The synthetic city: its halls as processes of their own, a gateway that is connected to them. */
export const openHallCity = async ({
  halls = simulatedHallIds,
  types = {},
  mode = 'development',
}: HallCityOptions = {}): Promise<HallCity> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-halls-'))
  const [databaseUrl, landUrl] = [await emptyDatabaseUrl(), await emptyDatabaseUrl()]
  const publicUrl = 'https://gateway.example'
  const env = {
    ZHENGQIAO_DATA: dataDir,
    DATABASE_URL: databaseUrl,
    ZHENGQIAO_LOG: 'silent',
    ZHENGQIAO_CITY_DATE: '2018-11-30',
  }
  const config = { ...readConfig(env, dataDir), port: 0 }
  const gateway = { mode, name: 'gateway.example', publicUrl }
  await initGateway({
    config,
    gateway,
    city: await cityWithHousehold(),
    catalogue: parseCatalogue({
      licenceTypes: await changedTypes(types),
      serviceItems: [
        ...z.array(z.json()).parse(await readCity('service-items.json')),
        householdItem,
      ],
    }),
    now: new Date(),
    randomBytes,
  })
  const simulators = await Promise.all(
    halls.map((hallId) => startSimulator(hallId, { ...env, PATH: process.env['PATH'] }, landUrl)),
  )
  const store = await openStore({ databaseUrl })
  for (const [position, { row }] of simulators.entries()) {
    const spec = hallSpecSchema.parse(JSON.parse(await readFile(row, 'utf8')))
    await saveHall(store.db, spec, { position, now: new Date() })
  }
  const paths = { migrationsDir, magicSubjectsFile: join(cityDir, 'subjects.json') }
  const start = (): Promise<RunningGateway> => startGateway(config, gateway, paths)
  let running = await start()
  const controlOf = (hallId: string): string => {
    const found = simulators.find((each) => each.hallId === hallId)
    if (found === undefined) throw new Error(`no hall ${hallId}`)
    return found.controlUrl
  }
  return {
    dataDir,
    publicUrl,
    url: () => running.url,
    store,
    config,
    tell: (hallId, act, body = {}) => tell(controlOf(hallId), act, { ...body }),
    calls: async (hallId) => {
      const state: unknown = await (await fetch(controlOf(hallId))).json()
      const { calls } = z.object({ calls: z.record(z.string(), z.number()) }).parse(state)
      return Object.values(calls).reduce((sum, count) => sum + count, 0)
    },
    ask: async (clientId, method, path, body) => {
      const client = createGatewayClient({
        publicUrl,
        connectUrl: running.url,
        key: await readKeyFolder(join(dataFolder(dataDir).clients, clientId)),
        now: () => new Date(),
        randomBytes,
        ...(clientId === 'clerk-city' ? { operatorId: 'clerk-city-001' } : {}),
      })
      return client.request(method, path, body, {
        ...(method === 'POST' ? { idempotencyKey: randomBytes(12).toString('hex') } : {}),
        ...(Buffer.isBuffer(body) ? { contentType: 'application/x-ndjson' } : {}),
      })
    },
    restart: async () => {
      await running.close()
      running = await start()
    },
    close: async () => {
      await running.close()
      await store.close()
      await Promise.all(simulators.map(({ child }) => ended(child)))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** An item that needs the household register, which the police take in and answer later. */
const householdItem = {
  ...anItem({ code: 'QD-TEST-HKB' }),
  materials: [
    aMaterial({
      code: 'QD-TEST-HKB-M01',
      nameZh: '居民户口簿',
      shortCode: 'GA-HKB',
      typeCode: '113702990037000297004',
      fields: ['headName', 'memberName', 'domicile'],
    }),
  ],
}

const cityWithHousehold = async () => {
  const city = cityFileSchema.parse(await readCity('organisations.json'))
  const grant = {
    client: 'clerk-city',
    item: householdItem.code,
    types: ['GA-HKB'],
    legalBasis: householdItem.legalBasis,
  }
  return cityFileSchema.parse({ ...city, grants: [...city.grants, grant] })
}

const changedTypes = async (changes: Readonly<Record<string, object>>): Promise<unknown> => {
  const types = z.array(licenceTypeSchema).parse(await readCity('licence-types.json'))
  return types.map((type) => ({ ...type, ...changes[type.shortCode] }))
}

const startSimulator = async (
  hallId: SimulatedHallId,
  env: Readonly<Record<string, string | undefined>>,
  landUrl: string,
) => {
  const database = hallId === 'land' ? ['--database', landUrl] : []
  const child = spawn(process.execPath, [script, 'hall', 'sim', hallId, '--json', ...database], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { ...ready.parse(JSON.parse(line.toString('utf8'))), child }
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
