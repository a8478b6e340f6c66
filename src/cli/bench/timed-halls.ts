import { randomBytes } from 'node:crypto'
import { departments } from '../../../adapters/departments.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../contract/clock.ts'
import { openExchange } from '../../halls/exchange.ts'
import type { HallSpec } from '../../halls/hall-spec.ts'
import { type OpenHall, openHalls } from '../../halls/open-halls.ts'
import { makeReadSecret } from '../../halls/secret.ts'

/** How long a hall itself took to be asked, by `<case id> <hall id>`, milliseconds. */
export type OwnTimes = Map<string, number>

/** The configured halls, each noting how long its own call took: what is left is the gateway's. */
export const openTimedHalls = async (
  specs: readonly HallSpec[],
  deps: { readonly config: Config; readonly clock: Clock; readonly times: OwnTimes },
): Promise<readonly OpenHall[]> => {
  const { config, clock, times } = deps
  const halls = await openHalls(
    {
      departments,
      openExchange,
      digestName: 'sha-256',
      readSecret: makeReadSecret(config.secretNamed),
      clock,
      random: randomBytes,
    },
    specs,
  )
  return halls.map(({ spec, adapter }) => ({
    spec,
    adapter: {
      ...adapter,
      find: async (query, ctx) => {
        const startedMs = performance.now()
        try {
          return await adapter.find(query, ctx)
        } finally {
          times.set(`${ctx.caseId} ${spec.hallId}`, performance.now() - startedMs)
        }
      },
    },
  }))
}
