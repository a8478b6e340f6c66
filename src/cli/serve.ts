import { readFile } from 'node:fs/promises'
import {
  type Config,
  dataFolder,
  gatewayFileSchema,
  readConfig,
  requireHonestDate,
  type GatewayFile,
} from '../config.ts'
import { startGateway } from '../main.ts'
import { CommandFailure } from './command-error.ts'
import type { Io } from './io.ts'
import { migrationsDir } from './package-root.ts'

/** `zhengqiao serve`: runs the gateway until SIGINT or SIGTERM, then stops without losing an answer. */
export const serveCommand = async (_args: readonly string[], io: Io): Promise<number> => {
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  requireHonestDate(config, gateway)
  const running = await startGateway(config, gateway, { migrationsDir })
  io.out(`zhengqiao ready ${running.url}\n`)
  await io.untilStopped()
  await running.close()
  return 0
}

const readGatewayFile = async (config: Config): Promise<GatewayFile> => {
  const path = dataFolder(config.dataDir).gatewayFile
  try {
    return gatewayFileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    throw new CommandFailure(
      `${config.dataDir} 尚未初始化,请先运行 zhengqiao init / is not set up: run zhengqiao init first`,
    )
  }
}
