import { departments } from '../../adapters/departments.ts'
import {
  simulatedHallIds,
  startSimulatedHall,
  type SimulatedHall,
} from '../../adapters/simulated-halls.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { openHalls, type OpenHall } from '../../src/halls/open-halls.ts'
import { makeSecret } from '../../src/halls/secret.ts'
import { clock, random, subjects, tell } from '../adapters/harness.ts'
import { emptyDatabaseUrl } from '../support/database.ts'

export type FiveHalls = {
  readonly open: () => Promise<readonly OpenHall[]>
  readonly tell: (
    hallId: string,
    act: string,
    body?: Readonly<Record<string, unknown>>,
  ) => Promise<void>
  readonly calls: (hallId: string) => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

/** The demo city's five halls as real servers, and their adapters through the real configuration. */
export const startFiveHalls = async (): Promise<FiveHalls> => {
  const ownerUrl = await emptyDatabaseUrl()
  const halls = new Map<string, SimulatedHall>()
  for (const hallId of simulatedHallIds)
    halls.set(
      hallId,
      await startSimulatedHall(hallId, {
        subjects,
        clock,
        random,
        secret: `s-${hallId}`,
        ownerUrl,
      }),
    )
  const secrets = new Map([...halls.values()].flatMap((hall) => Object.entries(hall.secrets)))
  const specs = [...halls.values()].map(({ row }) => hallSpecSchema.parse(row))
  const hall = (hallId: string): SimulatedHall => {
    const found = halls.get(hallId)
    if (found === undefined) throw new Error(`no hall ${hallId}`)
    return found
  }
  return {
    open: () =>
      openHalls(
        {
          departments,
          openExchange,
          digestName: 'sha-256',
          clock,
          random,
          readSecret: async (source) =>
            makeSecret('name' in source ? (secrets.get(source.name) ?? '') : ''),
        },
        specs,
      ),
    tell: (hallId, act, body) => tell(hall(hallId).simulator.controlUrl, act, body),
    calls: (hallId) => hall(hallId).simulator.calls(),
    close: async () => {
      await Promise.all([...halls.values()].map(({ simulator }) => simulator.close()))
    },
  }
}
