import { randomBytes, randomUUID } from 'node:crypto'
import { departments } from '../../adapters/departments.ts'
import { ConfigError } from '../config.ts'
import type { Deed } from '../contract/endpoint.ts'
import { createDispatcher, type Dispatcher } from '../halls/dispatcher.ts'
import { openExchange } from '../halls/exchange.ts'
import { eventOfTransition, keepHallEvent } from '../halls/hall-event-store.ts'
import type { HallTransition } from '../halls/hall-record.ts'
import type { HallSpec } from '../halls/hall-spec.ts'
import { listHalls } from '../halls/hall-store.ts'
import { makeTicketStore, type TicketStore } from '../halls/hall-ticket-store.ts'
import { HallsError, type OpenHall, openHalls } from '../halls/open-halls.ts'
import { makeReadSecret } from '../halls/secret.ts'
import { startTicketWorker } from '../halls/ticket-worker.ts'
import { fileOwnDeed } from '../ledger/file-own-deed.ts'
import { inTransaction } from '../store/in-transaction.ts'
import { type Chores, createChores } from './chores.ts'
import type { House } from './house.ts'

/** The connected halls at work: asked, watched, their late answers fetched. */
export type HallRoom = {
  readonly dispatcher: Dispatcher
  readonly tickets: TicketStore
  readonly chores: Chores
  readonly isConnected: boolean
  /** Leaves no call, timer or socket behind. */
  readonly close: () => Promise<void>
}

/**
 * Opens every configured hall.
 * @throws ConfigError naming every fault of every hall at once
 */
export const openHallRoom = async (house: House): Promise<HallRoom> => {
  const { clock, elapsedMs, keys, logger, store } = house
  const halls = await openConfigured(house, await readSpecs(house))
  const chores = createChores((error) => {
    logger.error({ fault: error instanceof Error ? error.name : 'unknown' }, 'hall event not filed')
  })
  const tickets = makeTicketStore({ store, keys, clock, random: randomBytes })
  const dispatcher = createDispatcher({
    halls,
    clock,
    elapsedMs,
    tickets,
    log: (entry) => {
      logger.warn(entry, 'hall call failed')
    },
    announce: (transition) => {
      chores.run(() => fileTransition(house, transition))
    },
    indexOf: (text) => keys.index('subject', text).index,
  })
  const worker = startTicketWorker(
    {
      dispatcher,
      tickets,
      clock,
      node: randomUUID(),
      onError: (hallId, error) => {
        const fault = error instanceof Error ? error.name : 'unknown'
        logger.error({ hallId, fault }, 'hall tickets not worked on')
      },
    },
    halls.map(({ spec }) => spec.hallId),
  )
  return {
    dispatcher,
    tickets,
    chores,
    isConnected: halls.length > 0,
    close: async () => {
      await worker.close()
      await dispatcher.close()
      await chores.settled()
    },
  }
}

const readSpecs = async ({ store }: House): Promise<readonly HallSpec[]> => {
  const { specs, problems } = await listHalls(store.db)
  if (problems.length > 0) throw new ConfigError(problems)
  return specs
}

const openConfigured = async (
  { algorithms, clock, config }: House,
  specs: readonly HallSpec[],
): Promise<readonly OpenHall[]> => {
  const readSecret = makeReadSecret(config.secretNamed)
  try {
    const { digestName } = algorithms
    const deps = { departments, openExchange, readSecret, digestName, clock, random: randomBytes }
    return await openHalls(deps, specs)
  } catch (error) {
    if (error instanceof HallsError) throw new ConfigError(error.problems)
    throw error
  }
}

/** The event for others and the one in the log are one commit. */
const fileTransition = async (house: House, transition: HallTransition): Promise<void> => {
  const { store, ledger, clock } = house
  const { kind, hallId, until } = transition
  const deed: Deed = {
    action: kind,
    decision: 'allowed',
    detail: { hallId, ...(until === undefined ? {} : { until: until.toISOString() }) },
  }
  await inTransaction(store, async (tx) => {
    await keepHallEvent(tx, randomBytes, eventOfTransition(transition))
    await fileOwnDeed({ ledger, db: store.db, clock, random: randomBytes }, tx, deed)
  })
}
