import { join } from 'node:path'
import { readConfig, requireHonestDate } from '../../config.ts'
import type { Siblings } from '../../wiring/siblings.ts'
import { type RunningGateway, startGateway } from '../../main.ts'
import type { Io } from '../io.ts'
import { cityDir, examplesFile, migrationsDir } from '../package-root.ts'
import { readGatewayFile } from '../read-gateway-file.ts'

/** Starts the gateway of the environment in this process. @throws as startGateway does */
export const runGateway = async (io: Io, siblings?: Siblings): Promise<RunningGateway> => {
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  requireHonestDate(config, gateway)
  return startGateway(config, gateway, {
    migrationsDir,
    examplesFile,
    magicSubjectsFile: join(cityDir, 'subjects.json'),
    ...(siblings === undefined ? {} : { siblings }),
  })
}
