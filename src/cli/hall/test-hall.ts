import { departments } from '../../../adapters/departments.ts'
import type { Config, GatewayFile } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import { digestNameOf } from '../../crypto/algorithms.ts'
import { openExchange } from '../../halls/exchange.ts'
import type { HallSpec } from '../../halls/hall-spec.ts'
import { HallsError, openHalls } from '../../halls/open-halls.ts'
import { makeReadSecret } from '../../halls/secret.ts'
import { type ConnectionTest, testConnection } from '../../halls/test-connection.ts'
import { CommandFailure } from '../command-error.ts'
import type { Io } from '../io.ts'

/**
 * One probe and one reading of the hall's business, from this machine, with the hall's own settings.
 * @throws CommandFailure naming every fault of the settings
 */
export const testHall = async (
  spec: HallSpec,
  config: Config,
  { profile }: GatewayFile,
  io: Io,
): Promise<ConnectionTest> => {
  const clock = {
    now: io.now,
    cityDate: () => config.cityDate ?? cityDateOf(io.now()),
  }
  const readSecret = makeReadSecret(config.secretNamed)
  const digestName = digestNameOf(profile)
  const deps = { departments, openExchange, readSecret, digestName, clock, random: io.randomBytes }
  const halls = await openHalls(deps, [spec]).catch((error: unknown) => {
    if (error instanceof HallsError) throw new CommandFailure(error.message)
    throw error
  })
  const [hall] = halls
  if (hall === undefined) throw new CommandFailure(spec.hallId)
  try {
    return await testConnection(spec, hall.adapter, { clock, elapsedMs: () => performance.now() })
  } finally {
    await hall.adapter.close()
  }
}
