import { join } from 'node:path'
import { readConfig, requireHonestDate } from '../config.ts'
import { startGateway } from '../main.ts'
import type { Io } from './io.ts'
import { cityDir, examplesFile, migrationsDir } from './package-root.ts'
import { readGatewayFile } from './read-gateway-file.ts'

/** `zhengqiao serve`: runs the gateway until SIGINT or SIGTERM, then stops without losing an answer. */
export const serveCommand = async (_args: readonly string[], io: Io): Promise<number> => {
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  requireHonestDate(config, gateway)
  const running = await startGateway(config, gateway, {
    migrationsDir,
    examplesFile,
    magicSubjectsFile: join(cityDir, 'subjects.json'),
  })
  io.out(`zhengqiao ready ${running.url}\n`)
  await io.untilStopped()
  await running.close()
  return 0
}
