import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseCatalogue } from '../catalogue/parse-catalogue.ts'
import { type Config, type GatewayFile, gatewayFileSchema, readConfig } from '../config.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import { type CityFile, cityFileSchema } from './init/city-file.ts'
import { AlreadyInitialised, initGateway } from './init/init-gateway.ts'
import type { Io } from './io.ts'
import { cityDir } from './package-root.ts'

/** `zhengqiao init`: sets a data folder and its database up. */
export const initCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const options = readOptions(args)
  const config = readConfig(io.env, io.workingDir)
  const gateway = gatewayOf(options, config)
  const city = await readCity(options.city ?? join(cityDir, 'organisations.json'))
  const catalogue = parseCatalogue(await readCatalogue(options.catalogue))
  try {
    const people = { config, gateway, city, catalogue }
    const summary = await initGateway({ ...people, now: io.now(), randomBytes: io.randomBytes })
    io.out(`${JSON.stringify({ dataDir: config.dataDir, ...summary })}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof AlreadyInitialised)) throw error
    throw new CommandFailure(
      `${config.dataDir} 已经初始化过 / is set up already; choose another ZHENGQIAO_DATA or remove it`,
    )
  }
}

const gatewayOf = (options: ReturnType<typeof readOptions>, config: Config): GatewayFile => {
  const gateway = gatewayFileSchema.safeParse({
    mode: modeOf(options),
    name: options.name ?? 'zhengqiao.local',
    publicUrl: options['public-url'] ?? `http://127.0.0.1:${String(config.port)}`,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  })
  if (!gateway.success)
    throw new UsageError('--name、--public-url 或 --profile 不正确 / not usable')
  return gateway.data
}

const modeOf = ({ live, sandbox }: ReturnType<typeof readOptions>): GatewayFile['mode'] => {
  if (live === true && sandbox === true) throw new UsageError('--live | --sandbox')
  if (live === true) return 'live'
  return sandbox === true ? 'sandbox' : 'development'
}

const readCity = async (path: string): Promise<CityFile> => {
  const city = cityFileSchema.safeParse(await readJson(path))
  if (city.success) return city.data
  const [issue] = city.error.issues
  const place = issue?.path.join('/') ?? ''
  throw new CommandFailure(`城市文件不正确 / city file: /${place} ${issue?.message ?? ''}`)
}

const readOptions = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        city: { type: 'string' },
        catalogue: { type: 'string' },
        name: { type: 'string' },
        'public-url': { type: 'string' },
        live: { type: 'boolean' },
        sandbox: { type: 'boolean' },
        profile: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const readCatalogue = async (path: string | undefined): Promise<unknown> =>
  path === undefined
    ? {
        licenceTypes: await readJson(join(cityDir, 'licence-types.json')),
        serviceItems: await readJson(join(cityDir, 'service-items.json')),
      }
    : readJson(path)

const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw new CommandFailure(`读不了 JSON 文件 / cannot read as JSON: ${path}`)
  }
}
