import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Config, dataFolder, type GatewayFile, gatewayFileSchema } from '../config.ts'
import { CommandFailure } from './command-error.ts'

/** What became of a data folder whose gateway.json cannot be read: with keys in it, it was in use. */
export const wasSetUp = ({ dataDir }: Pick<Config, 'dataDir'>): boolean =>
  existsSync(dataFolder(dataDir).dataKeys)

/** @throws CommandFailure when the data folder has not been set up, or its gateway.json is lost */
export const readGatewayFile = async (config: Pick<Config, 'dataDir'>): Promise<GatewayFile> => {
  const path = dataFolder(config.dataDir).gatewayFile
  try {
    return gatewayFileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    throw new CommandFailure(
      wasSetUp(config)
        ? `${path} 丢失或损坏,请从备份恢复,内容须与原来一致 / is lost or damaged: restore it exactly as it was`
        : `${config.dataDir} 尚未初始化,请先运行 zhengqiao init / is not set up: run zhengqiao init first`,
    )
  }
}
