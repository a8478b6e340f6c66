import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
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
import type { RequestKey } from '../../src/client/sign-request.ts'
import { dataFolder, readConfig } from '../../src/config.ts'

export const publicUrl = 'https://gateway.example'
export type NodeName = 'a' | 'b'

/** Two gateway processes of one city on one database. */
export type TwoNodes = {
  readonly urlOf: (node: NodeName) => string
  readonly keyOf: (clientId: string) => Promise<RequestKey>
  readonly clientOf: (
    node: NodeName,
    clientId: string,
    operatorId?: string,
  ) => Promise<GatewayClient>
  /** kill -9, and the same node again. */
  readonly restart: (node: NodeName) => Promise<void>
  readonly close: () => Promise<void>
}

const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))

/** A data folder of its own for the synthetic city in that database. */
export const initCity = async (databaseUrl: string): Promise<string> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-nodes-'))
  await initGateway({
    config: readConfig({ ZHENGQIAO_DATA: dataDir, DATABASE_URL: databaseUrl }, dataDir),
    gateway: { mode: 'development', name: 'gateway.example', publicUrl },
    city: cityFileSchema.parse(await readCity('organisations.json')),
    catalogue: parseCatalogue({
      licenceTypes: await readCity('licence-types.json'),
      serviceItems: await readCity('service-items.json'),
    }),
    now: new Date(),
    randomBytes,
  })
  return dataDir
}

export const startTwoNodes = async (databaseUrl: string): Promise<TwoNodes> => {
  const dataDir = await initCity(databaseUrl)
  const folder = dataFolder(dataDir)
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    ZHENGQIAO_CITY_DATE: '2018-11-30',
    ZHENGQIAO_LOG: 'silent',
  }
  const ports = { a: await freePort(), b: await freePort() }
  const start = (node: NodeName): Promise<GatewayProcess> =>
    startGatewayProcess({ dataDir, port: ports[node], env, profileDir: undefined })
  const running = { a: await start('a'), b: await start('b') }
  const urlOf = (node: NodeName): string => `http://127.0.0.1:${String(ports[node])}`
  const keyOf = (clientId: string) => readKeyFolder(join(folder.clients, clientId))
  return {
    urlOf,
    keyOf,
    clientOf: async (node, clientId, operatorId) =>
      createGatewayClient({
        publicUrl,
        connectUrl: urlOf(node),
        key: await keyOf(clientId),
        now: () => new Date(),
        randomBytes,
        ...(operatorId === undefined ? {} : { operatorId }),
      }),
    restart: async (node) => {
      process.kill(running[node].pid, 'SIGKILL')
      running[node] = await start(node)
    },
    close: async () => {
      await Promise.all([running.a.stop(), running.b.stop()])
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
