import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCatalogue } from '../../catalogue/parse-catalogue.ts'
import {
  type Config,
  dataFolder,
  type DataFolder,
  gatewayFileSchema,
  readConfig,
} from '../../config.ts'
import { removeCluster } from '../../store/embedded-cluster.ts'
import { type CityFile, cityFileSchema } from '../init/city-file.ts'
import { initGateway } from '../init/init-gateway.ts'
import { cityDir } from '../package-root.ts'
import type { BenchOptions } from './bench.ts'
import { freePort } from './gateway-process.ts'

/** The item under which everything is asked, its first material and that material's type. */
export const benchItem = {
  itemCode: 'QD-GJJ-003',
  materialCode: 'QD-GJJ-003-M01',
  typeCode: '113702990037000297016',
  shortCode: 'GA-SFZ',
  issuerCode: '113702990037000297',
} as const

const clerkCount = 100
const registrarCount = 20
const operatorsEach = 20

export type BenchCity = {
  readonly config: Config
  readonly folder: DataFolder
  readonly publicUrl: string
  readonly registrars: readonly string[]
  /** Every operator with the client whose key signs for them. */
  readonly operators: readonly BenchOperator[]
  readonly remove: () => Promise<void>
}
export type BenchOperator = { readonly clientId: string; readonly operatorId: string }

/**
 * Sets up, by init's own functions, the synthetic city with so many clerk systems and operators that no
 * request of a bench meets a limit. A kept folder that was set up before is used as it is.
 */
export const openBenchCity = async ({
  folder: kept,
  io,
  say,
}: BenchOptions): Promise<BenchCity> => {
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'zhengqiao-bench-')))
  const config = readConfig({ ...io.env, ZHENGQIAO_DATA: dataDir }, io.workingDir)
  const folder = dataFolder(config.dataDir)
  if (!(await exists(folder.gatewayFile))) {
    say(`setting up ${config.dataDir}`)
    await initGateway({
      config,
      gateway: {
        mode: 'development',
        name: 'bench.zhengqiao',
        publicUrl: `http://127.0.0.1:${String(await freePort())}`,
      },
      city: await benchCityFile(),
      catalogue: parseCatalogue({
        licenceTypes: await readJson(join(cityDir, 'licence-types.json')),
        serviceItems: await readJson(join(cityDir, 'service-items.json')),
      }),
      now: io.now(),
      randomBytes: io.randomBytes,
    })
  }
  const { publicUrl } = gatewayFileSchema.parse(await readJson(folder.gatewayFile))
  return {
    config,
    folder,
    publicUrl,
    registrars: registrars(),
    operators: operators(),
    remove: async () => {
      if (kept !== undefined) return
      if (config.databaseUrl === undefined) await removeCluster(config.dataDir)
      await rm(config.dataDir, { recursive: true, force: true })
    },
  }
}

const benchCityFile = async (): Promise<CityFile> => {
  const city = cityFileSchema.parse(await readJson(join(cityDir, 'organisations.json')))
  const clerks = clerkIds()
  return {
    ...city,
    signers: [],
    clients: [
      ...city.clients,
      ...clerks.map((id) => system(id, 'city-service-hall', 'C')),
      ...registrars().map((id) => system(id, 'approval-platform', 'R')),
    ],
    operators: [
      ...city.operators,
      ...operators().map(({ clientId, operatorId }) => ({
        id: operatorId,
        client: clientId,
        organisation: 'city-service-hall',
        name: '压测经办人',
        suspended: false,
      })),
    ],
    grants: [
      ...city.grants,
      ...clerks.map((client) => ({
        client,
        item: benchItem.itemCode,
        types: [benchItem.shortCode],
        legalBasis: '《住房公积金管理条例》第二十四条',
      })),
    ],
  }
}

const system = (id: string, organisation: string, role: 'C' | 'R') => ({
  id,
  kind: 'system' as const,
  organisation,
  roles: [role],
})

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at + 1)}`)

const clerkIds = (): readonly string[] => numbered('bench-clerk-', clerkCount)

const registrars = (): readonly string[] => numbered('bench-registrar-', registrarCount)

/** Neighbours in the list belong to different systems. */
const operators = (): readonly BenchOperator[] =>
  numbered('', operatorsEach).flatMap((number) =>
    clerkIds().map((clientId) => ({ clientId, operatorId: `${clientId}-${number}` })),
  )

const readJson = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(path, 'utf8')) as unknown

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
