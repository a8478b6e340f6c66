import type { Config } from '../../config.ts'
import type { DataKeys } from '../../store/data-keys.ts'
import { loadDataKeys } from '../../store/data-keys.ts'
import { readKeyFile } from '../../store/key-file.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { type BenchCity, openBenchCity } from './bench-city.ts'
import type { BenchOptions } from './bench.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { type Part, startPart } from './part.ts'

/** A city with its database open, before any process is started. */
export type Scene = {
  readonly options: BenchOptions
  readonly city: BenchCity
  readonly store: Store
  readonly dataKeys: DataKeys
  /** Starts the gateway and a load generator; both end with the scene. */
  readonly startGateway: (
    processes?: number,
  ) => Promise<{ readonly gateway: GatewayProcess; readonly load: Part }>
  /** Starts another process of the bench. */
  readonly startPart: (name: string) => Promise<Part>
}

/** Opens the city, hands it to `use`, and takes everything down again whatever happens. */
export const withScene = async <Result>(
  options: BenchOptions,
  use: (scene: Scene) => Promise<Result>,
): Promise<Result> => {
  const city = await openBenchCity(options)
  const closers: (() => Promise<void>)[] = [city.remove]
  try {
    const store = await openStore(sourceOf(city.config))
    closers.push(store.close)
    const dataKeys = loadDataKeys(await readKeyFile(city.folder.dataKeys))
    const start = async (name: string): Promise<Part> => {
      const part = await startPart(name, options.profileDir)
      closers.push(part.stop)
      return part
    }
    const startGateway = async (processes?: number) => {
      const gateway = await startGatewayProcess({
        dataDir: city.config.dataDir,
        port: Number(new URL(city.publicUrl).port),
        env: options.io.env,
        profileDir: options.profileDir,
        ...(processes === undefined ? {} : { processes }),
      })
      closers.push(gateway.stop)
      return { gateway, load: await start('load') }
    }
    return await use({ options, city, store, dataKeys, startGateway, startPart: start })
  } finally {
    for (const close of closers.toReversed()) await close()
  }
}

const sourceOf = ({ databaseUrl, dataDir }: Config) =>
  databaseUrl === undefined ? { dataDir } : { databaseUrl }
