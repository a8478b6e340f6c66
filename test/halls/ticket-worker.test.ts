import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { failed, type FindOutcome } from '../../src/halls/hall-contract.ts'
import { listCaseEvents } from '../../src/halls/hall-event-store.ts'
import { makeTicketStore } from '../../src/halls/hall-ticket-store.ts'
import { startTicketWorker } from '../../src/halls/ticket-worker.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'
import { eventually } from '../support/embedded.ts'
import {
  adapterWith,
  boardWith,
  foundWith,
  licenceOf,
  material,
  setContext,
  specWith,
} from './harness.ts'

const store = await testStore()
const keys = testDataKeys()
const clock = { now: () => new Date(), cityDate: () => '2018-11-30' }
const ticketsOf = () =>
  makeTicketStore({ store, keys, clock, random: (length: number) => randomBytes(length) })

const workerOf = (
  board: ReturnType<typeof boardWith>,
  node: string,
  errors: unknown[],
  tickets = ticketsOf(),
) =>
  startTicketWorker(
    {
      dispatcher: board.dispatcher,
      tickets,
      clock,
      node,
      onError: (_, error) => errors.push(error),
      pollMs: 20,
    },
    ['hall-a'],
  )

it('brings the answer that was pending, asked once at a time by two nodes together', async () => {
  const ready = Date.now() + 600
  const asked = { now: 0, most: 0, tickets: [] as (string | undefined)[] }
  const find = async ({ ticket }: { readonly ticket?: string }): Promise<FindOutcome> => {
    asked.now += 1
    asked.most = Math.max(asked.most, asked.now)
    asked.tickets.push(ticket)
    await sleep(30)
    asked.now -= 1
    return Date.now() < ready
      ? { state: 'pending', ticket: 'SQ1', retryAt: new Date(Date.now() + 100) }
      : foundWith(licenceOf())
  }
  const halls = [{ spec: specWith('hall-a'), adapter: adapterWith({ find }) }]
  const boards = [
    boardWith(halls, { tickets: ticketsOf() }),
    boardWith(halls, { tickets: ticketsOf() }),
  ]
  const [one, two] = boards
  if (one === undefined || two === undefined) throw new Error('two nodes')
  const errors: unknown[] = []
  const ctx = setContext({ caseId: randomUUID() })
  const [first] = await one.dispatcher.collectMaterials([material()], ctx)
  expect(first?.outcome.state).toBe('pending')
  const workers = [workerOf(one, 'one', errors), workerOf(two, 'two', errors)]
  await eventually(async () => {
    const [done] = await two.dispatcher.collectMaterials([material()], ctx)
    if (done?.outcome.state !== 'collected') throw new Error('not yet')
  })
  await Promise.all(workers.map((worker) => worker.close()))
  expect(asked.most).toBe(1)
  expect(new Set(asked.tickets.slice(1))).toEqual(new Set(['SQ1']))
  const events = await listCaseEvents(store.db, ctx.caseId)
  expect(events.map(({ kind }) => kind)).toEqual(['material.available'])
  expect(errors).toEqual([])
  await Promise.all(boards.map(({ dispatcher }) => dispatcher.close()))
})

it('fetches by itself when the hall is back, and leaves the hall alone until then', async () => {
  const health = { isWell: false, calls: 0 }
  const time = { ms: 0 }
  const adapter = adapterWith({
    canRepeatFind: () => false,
    find: async () => {
      health.calls += 1
      return health.isWell ? foundWith(licenceOf()) : failed('unreachable', 'econnrefused')
    },
    probe: async () => (health.isWell ? { state: 'up' } : failed('unreachable', 'econnrefused')),
  })
  const board = boardWith([{ spec: specWith('hall-a'), adapter }], {
    tickets: ticketsOf(),
    elapsedMs: () => time.ms,
    lookEveryMs: 3_600_000,
  })
  const errors: unknown[] = []
  const ctx = setContext({ caseId: randomUUID() })
  for (let count = 0; count < 5; count += 1)
    await board.dispatcher.collectMaterials([material()], ctx)
  await store.pool.query('update hall_ticket set retry_at = now()')
  const worker = workerOf(board, 'one', errors)
  await sleep(200)
  expect(health.calls).toBe(5)
  health.isWell = true
  time.ms += 10_000
  await board.dispatcher.supervise()
  await eventually(async () => {
    const [event] = await listCaseEvents(store.db, ctx.caseId)
    if (event?.kind !== 'material.available') throw new Error('not yet')
  })
  await worker.close()
  expect(board.dispatcher.states()[0]?.colour).toBe('green')
  expect(board.transitions.map(({ kind }) => kind)).toEqual(['hall.down', 'hall.recovered'])
  expect(errors).toEqual([])
  await board.dispatcher.close()
})

it('goes on after rounds that failed', async () => {
  const errors: unknown[] = []
  const board = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith() }])
  const faults = { left: 2 }
  const tickets = ticketsOf()
  const worker = workerOf(board, 'one', errors, {
    ...tickets,
    claimDue: async (hallId, claim) => {
      faults.left -= 1
      if (faults.left >= 0) throw new Error('database away')
      return tickets.claimDue(hallId, claim)
    },
  })
  await eventually(async () => {
    if (faults.left > -2) throw new Error('not yet')
  })
  await worker.close()
  expect(errors).toHaveLength(2)
  await board.dispatcher.close()
})
