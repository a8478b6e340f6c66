import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { listCaseEvents } from '../../src/halls/hall-event-store.ts'
import { makeTicketStore } from '../../src/halls/hall-ticket-store.ts'
import { startTicketWorker } from '../../src/halls/ticket-worker.ts'
import { people, subjects } from '../adapters/harness.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'
import { eventually } from '../support/embedded.ts'
import { startFiveHalls, type FiveHalls } from './five-halls.ts'
import { boardWith, setContext, type Board } from './harness.ts'
import { materialsOf } from './materials.ts'

const store = await testStore()
const keys = testDataKeys()
const clock = { now: () => new Date(), cityDate: () => '2018-11-30' }
const tickets = makeTicketStore({ store, keys, clock, random: (length) => randomBytes(length) })

let city: FiveHalls
let board: Board
beforeAll(async () => {
  city = await startFiveHalls()
  board = boardWith(await city.open(), { tickets })
})
afterEach(async () => {
  for (const hallId of ['social-security', 'police-vehicle', 'housing-fund', 'land'])
    await city.tell(hallId, 'up')
})
afterAll(async () => {
  await board.dispatcher.close()
  await city.close()
})

const ctx = (more = {}) => setContext({ caseId: randomUUID(), waitMs: 8_000, ...more })
const statesOf = async (
  holder: { idType: string; id: string; name: string },
  more: Parameters<typeof ctx>[0] = {},
) => {
  const findings = await board.dispatcher.collectMaterials(materialsOf(holder), ctx(more))
  return findings.map(({ hallId, outcome }) => [hallId, outcome.state])
}

describe('the five halls', () => {
  it('give a person’s eight papers in one set', async () => {
    expect(await statesOf(people.allPresent)).toEqual([
      ['social-security', 'collected'],
      ['social-security', 'collected'],
      ['police-exit-entry', 'collected'],
      ['police-exit-entry', 'collected'],
      ['police-vehicle', 'collected'],
      ['police-vehicle', 'collected'],
      ['land', 'collected'],
      ['housing-fund', 'collected'],
    ])
  })
  it('find nothing for a person without papers, and tell nothing under another name', async () => {
    for (const holder of [people.nothing, people.misnamed]) {
      const states = await statesOf(holder)
      expect(new Set(states.map(([, state]) => state))).toEqual(new Set(['none']))
    }
  })
  it('answer by the deadline with the others’ papers while one is silent (story 9)', async () => {
    const startedMs = performance.now()
    const states = await statesOf(people.hanging, { waitMs: 2_500 })
    expect(performance.now() - startedMs).toBeLessThan(2_700)
    expect(states.filter(([, state]) => state === 'collected')).toHaveLength(7)
    expect(states.at(-1)).toEqual(['housing-fund', 'failed'])
  })
  it('offer both certificates for a choice (story 12)', async () => {
    const [finding] = await board.dispatcher.collectMaterials(
      materialsOf(people.twoPapers).slice(6, 7),
      ctx(),
    )
    expect(finding?.outcome).toMatchObject({ state: 'ambiguous', candidates: [{}, {}] })
  })
  it('withhold the content of revoked, suspended and expired papers (story 14)', async () => {
    for (const [id, status] of [
      ['370299190001010056', 'revoked'],
      ['370299190001010072', 'suspended'],
      ['370299190001010064', 'expired'],
    ] as const) {
      const subject = subjects.find((candidate) => candidate.id === id)
      if (subject === undefined) throw new Error('no subject')
      const holder = { idType: '111', id, name: subject.name }
      const [finding] = await board.dispatcher.collectMaterials(
        materialsOf(holder).slice(4, 5),
        ctx(),
      )
      expect(finding?.outcome).toMatchObject({ state: 'withheld', candidate: { status } })
    }
  })
  it('complete a late answer by themselves, with one event (story 11)', async () => {
    const errors: unknown[] = []
    const worker = startTicketWorker(
      {
        dispatcher: board.dispatcher,
        tickets,
        clock,
        node: 'test',
        onError: (_, error) => errors.push(error),
      },
      ['police-exit-entry'],
    )
    const asked = ctx()
    const late = materialsOf(people.late).slice(3, 4)
    const startedMs = performance.now()
    const [first] = await board.dispatcher.collectMaterials(late, asked)
    expect(first?.outcome.state).toBe('pending')
    await eventually(async () => {
      const [event] = await listCaseEvents(store.db, asked.caseId)
      if (event?.kind !== 'material.available') throw new Error('not yet')
    })
    const tookMs = performance.now() - startedMs
    expect(tookMs).toBeGreaterThan(5_000)
    expect(tookMs).toBeLessThan(7_000)
    const [done] = await board.dispatcher.collectMaterials(late, asked)
    expect(done?.outcome).toMatchObject({ state: 'collected' })
    await worker.close()
    expect(errors).toEqual([])
  })
  it('turn red one by one and leave the others alone (story 16)', async () => {
    const vehicle = materialsOf(people.refused).slice(4, 5)
    for (let count = 0; count < 5; count += 1)
      await board.dispatcher.collectMaterials(vehicle, ctx())
    const before = city.calls('police-vehicle')
    const [refused] = await board.dispatcher.collectMaterials(vehicle, ctx())
    expect(refused?.outcome).toMatchObject({ kind: 'unreachable', cause: 'breaker_open' })
    expect(city.calls('police-vehicle')).toEqual(before)
    const colours = board.dispatcher.states().map(({ hallId, colour }) => [hallId, colour])
    expect(colours.filter(([, colour]) => colour === 'red')).toEqual([['police-vehicle', 'red']])
    const healthy = await board.dispatcher.collectMaterials(
      materialsOf(people.allPresent).slice(0, 4),
      ctx(),
    )
    expect(healthy.map(({ outcome }) => outcome.state)).toEqual(Array(4).fill('collected'))
  })
})
