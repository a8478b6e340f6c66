import { readFile } from 'node:fs/promises'
import { type Config, dataFolder, type GatewayFile, gatewayFileSchema } from '../config.ts'
import { CommandFailure } from './command-error.ts'

/** @throws CommandFailure when the data folder has not been set up */
export const readGatewayFile = async (config: Pick<Config, 'dataDir'>): Promise<GatewayFile> => {
  const path = dataFolder(config.dataDir).gatewayFile
  try {
    return gatewayFileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    throw new CommandFailure(
      `${config.dataDir} 尚未初始化,请先运行 zhengqiao init / is not set up: run zhengqiao init first`,
    )
  }
}
