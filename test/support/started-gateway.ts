import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { cityFileSchema } from '../../src/cli/init/city-file.ts'
import { initGateway } from '../../src/cli/init/init-gateway.ts'
import { cityDir, migrationsDir } from '../../src/cli/package-root.ts'
import type { ProfileName } from '../../src/crypto/algorithms.ts'
import { dataFolder, type GatewayFile, readConfig } from '../../src/config.ts'
import { type RunningGateway, startGateway } from '../../src/main.ts'
import { emptyDatabaseUrl } from './database.ts'

const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))

/** The gateway itself, set up from the synthetic city, stopped and removed after the test file. */
export const startedGateway = async (
  publicUrl = 'https://gateway.example',
  {
    mode = 'development',
    cityDate,
    profile = 'international',
  }: { mode?: GatewayFile['mode']; cityDate?: string; profile?: ProfileName } = {},
) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-started-'))
  const databaseUrl = await emptyDatabaseUrl()
  const env = { ZHENGQIAO_DATA: dataDir, DATABASE_URL: databaseUrl, ZHENGQIAO_LOG: 'silent' }
  const config = { ...readConfig(env, dataDir), port: 0, cityDate }
  const gateway = { mode, name: 'gateway.example', publicUrl, profile }
  const catalogue = parseCatalogue({
    licenceTypes: await readCity('licence-types.json'),
    serviceItems: await readCity('service-items.json'),
  })
  const city = cityFileSchema.parse(await readCity('organisations.json'))
  await initGateway({ config, gateway, city, catalogue, now: new Date(), randomBytes })
  const paths = { migrationsDir, magicSubjectsFile: join(cityDir, 'subjects.json') }
  let running: RunningGateway | undefined = await startGateway(config, gateway, paths)
  const { url } = running
  const stop = async (): Promise<void> => {
    const last = running
    running = undefined
    await last?.close()
  }
  afterAll(async () => {
    await stop()
    await rm(dataDir, { recursive: true })
  })
  return {
    ...{ url, publicUrl, databaseUrl, folder: dataFolder(dataDir), config, gateway },
    /** With whatever stands in the data folder by now; answers the new URL. */
    restart: async (): Promise<string> => {
      await stop()
      running = await startGateway(config, gateway, paths)
      return running.url
    },
  }
}
