import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPolice } from '../../../adapters/police/adapter.ts'
import { startPoliceSimulator } from '../../../adapters/police/simulator.ts'
import type { FindOutcome, HallAdapter } from '../../../src/halls/adapter.ts'
import {
  asLicence,
  clock,
  context,
  contextWith,
  papersAt,
  people,
  query,
  random,
  setupFor,
  subjects,
  tell,
} from '../harness.ts'

const identityCard = '113702990037000297016'
const household = '113702990037000297004'
const driver = '113702990037000372005'
const exitEntryTypes = [
  identityCard,
  household,
  '113702990037000297017',
  '11370299003700045W007',
] as const
const vehicleTypes = [driver, '113702990037000372006'] as const
const secrets = { POLICE_PASSWORD: 'only-in-this-test' }

type Simulator = Awaited<ReturnType<typeof startPoliceSimulator>>
const open = (hallId: string, simulator: Simulator, more = {}): Promise<HallAdapter> => {
  const settings = { ...simulator.settings, password: { name: 'POLICE_PASSWORD' }, ...more }
  return openPolice(setupFor(hallId, settings, secrets))
}
const start = (hallId: string, version: '1.0' | '2.0', typeCodes: readonly string[]) =>
  startPoliceSimulator({
    hallId,
    version,
    typeCodes,
    subjects,
    clock,
    random,
    password: secrets.POLICE_PASSWORD,
  })

let exitEntry: { simulator: Simulator; adapter: HallAdapter }
let vehicle: { simulator: Simulator; adapter: HallAdapter }

beforeAll(async () => {
  const one = await start('police-exit-entry', '2.0', exitEntryTypes)
  const other = await start('police-vehicle', '1.0', vehicleTypes)
  exitEntry = { simulator: one, adapter: await open('police-exit-entry', one) }
  vehicle = { simulator: other, adapter: await open('police-vehicle', other) }
})
afterEach(async () => {
  await tell(exitEntry.simulator.controlUrl, 'up')
  await tell(vehicle.simulator.controlUrl, 'up')
})
afterAll(async () => {
  for (const { adapter, simulator } of [exitEntry, vehicle]) {
    await adapter.close()
    await simulator.close()
  }
})

const garbled = async (form: string, typeCode: string = identityCard): Promise<FindOutcome> => {
  const { simulator, adapter } = typeCode === driver ? vehicle : exitEntry
  await tell(simulator.controlUrl, 'garble', { form })
  return adapter.find(query(typeCode), context(form === 'drip' ? 600 : 4_000))
}

describe('what the halls hold', () => {
  it.each([['police-exit-entry'], ['police-vehicle']])(
    'finds every paper at %s as it was issued, in that hall’s version of the service',
    async (hallId) => {
      const { adapter } = hallId === 'police-vehicle' ? vehicle : exitEntry
      const papers = papersAt(hallId)
      const asked = papers.slice(0, 40)
      for (const paper of asked) {
        const [holder] = paper.holders
        if (holder === undefined) throw new Error('no holder')
        const outcome = await adapter.find(query(paper.typeCode, holder), context())
        if (outcome.state !== 'found') throw new Error(JSON.stringify(outcome))
        expect(outcome.candidates.map(({ licence }) => licence)).toContainEqual(
          expect.objectContaining(asLicence(paper)),
        )
      }
    },
    30_000,
  )
  it('discloses nothing when the name differs at the source', async () => {
    const mismatch = { state: 'none', because: 'name_differs' }
    for (const type of [identityCard, household])
      expect(await exitEntry.adapter.find(query(type, people.misnamed), context())).toEqual(
        mismatch,
      )
    expect(await vehicle.adapter.find(query(driver, people.misnamed), context())).toEqual(mismatch)
  })
  it('says none for a person without papers, rejected for a sealed record', async () => {
    const { adapter } = exitEntry
    expect(await adapter.find(query(identityCard, people.nothing), context())).toEqual({
      state: 'none',
      because: 'absent',
    })
    expect(await adapter.find(query(household, people.sealed), context())).toMatchObject({
      kind: 'rejected',
      reason: 'sealed',
    })
  })
})

describe('applications', () => {
  it('answers pending with a ticket, and the ticket brings the answer later', async () => {
    const { adapter, simulator } = exitEntry
    const asked = query(household, people.late)
    await tell(simulator.controlUrl, 'late', { ms: 2_200 })
    const first = await adapter.find(asked, context())
    if (first.state !== 'pending') throw new Error(JSON.stringify(first))
    expect(first.retryAt.getTime()).toBeGreaterThan(Date.now())
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    const later = await adapter.find({ ...asked, ticket: first.ticket }, context())
    expect(later).toMatchObject({ state: 'found', candidates: [{ version: '001' }] })
    expect(simulator.calls()['apply']).toBeGreaterThan(0)
  })
  it('keeps the application when the deadline passes while it waits', async () => {
    await tell(exitEntry.simulator.controlUrl, 'late', { ms: 5_000 })
    const outcome = await exitEntry.adapter.find(query(household), context(400))
    expect(outcome).toMatchObject({ state: 'pending' })
  })
  it.each([
    ['apply_expires', 'rejected', 'apply_expired'],
    ['apply_fails', 'unreachable', 'apply_failed'],
  ])('%s is %s', async (form, kind, cause) => {
    expect(await garbled(form, driver)).toMatchObject({ kind, cause })
  })
  it('never sends an application twice by itself', () => {
    expect(exitEntry.adapter.canRepeatFind(identityCard)).toBe(true)
    expect(exitEntry.adapter.canRepeatFind(household)).toBe(false)
  })
})

describe('the clerk', () => {
  it('is refused without an identity card of the clerk, before anything is sent', async () => {
    const before = exitEntry.simulator.calls()
    const { id, name, organisationCode } = context().operator
    const operator = { id, name, organisationCode }
    const outcome = await exitEntry.adapter.find(query(identityCard), { ...context(), operator })
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'operator_unknown' })
    expect(exitEntry.simulator.calls()).toEqual(before)
  })
  it('is looked up in the file of clerks when the caller does not know the card', async () => {
    const settings = {
      ...exitEntry.simulator.settings,
      password: { name: 'POLICE_PASSWORD' },
      clerks: { name: 'CLERKS' },
    }
    const clerks = JSON.stringify({ 'clerk-city-001': '370299199001010012' })
    const adapter = await openPolice(
      setupFor('police-exit-entry', settings, { ...secrets, CLERKS: clerks }),
    )
    const { id, name, organisationCode } = context().operator
    const operator = { id, name, organisationCode }
    const outcome = await adapter.find(query(identityCard), { ...context(), operator })
    expect(outcome).toMatchObject({ state: 'found' })
    await adapter.close()
  })
})

describe('habits', () => {
  it('fetches one new token for all when the old one is refused', async () => {
    const { adapter, simulator } = exitEntry
    await adapter.find(query(identityCard), context())
    const before = simulator.calls()['token'] ?? 0
    await tell(simulator.controlUrl, 'rotate')
    const outcomes = await Promise.all(
      [0, 1, 2, 3].map(() => adapter.find(query(identityCard), context())),
    )
    expect(outcomes.map(({ state }) => state)).toEqual(['found', 'found', 'found', 'found'])
    expect(simulator.calls()['token']).toBe(before + 1)
  })
  it.each([
    ['failure_inside', 'unreachable', 'code_9999'],
    ['truncated', 'malformed', 'xml_malformed'],
    ['encoding', 'malformed', 'encoding_not_utf8'],
    ['bomb', 'malformed', 'xml_document_type'],
    ['external_entity', 'malformed', 'xml_document_type'],
    ['deep', 'malformed', 'xml_too_deep'],
    ['oversize', 'malformed', 'body_too_large'],
    ['reset', 'unreachable', 'connection_lost_mid_body'],
    ['drip', 'timeout', 'no_answer'],
    ['other_request', 'malformed', 'answer_for_another_request'],
    ['other_holder', 'malformed', 'answer_for_another_holder'],
    ['missing_field', 'malformed', 'field_missing:number'],
    ['bad_date', 'malformed', 'field_form:issuedat'],
    ['duplicates_differ', 'malformed', 'duplicate_answers_differ'],
  ])('%s is %s with the cause %s', async (form, kind, cause) => {
    expect(await garbled(form)).toEqual({ state: 'failed', kind, cause })
  })
  it('refuses at the peak in either version’s words', async () => {
    for (const { simulator, adapter } of [exitEntry, vehicle]) {
      await tell(simulator.controlUrl, 'refuse', { status: 500 })
      const type = adapter === vehicle.adapter ? driver : identityCard
      expect(await adapter.find(query(type), context())).toMatchObject({
        kind: 'busy',
        cause: 'code_2901',
      })
    }
  })
  it('is busy for the subject whose records the hall answers with 503', async () => {
    const outcome = await vehicle.adapter.find(query(driver, people.refused), context())
    expect(outcome).toEqual({ state: 'failed', kind: 'busy', cause: 'http_503' })
  })
  it('opens nothing more once the deadline has fired', async () => {
    const before = exitEntry.simulator.calls()
    const outcome = await exitEntry.adapter.find(
      query(identityCard),
      contextWith(AbortSignal.abort()),
    )
    expect(outcome).toMatchObject({ kind: 'timeout' })
    expect(exitEntry.simulator.calls()).toEqual(before)
  })
  it('says unauthorised for a wrong password, without the password', async () => {
    const settings = { ...exitEntry.simulator.settings, password: { name: 'POLICE_PASSWORD' } }
    const stranger = await openPolice(
      setupFor('police-exit-entry', settings, { POLICE_PASSWORD: 'wrong-one' }),
    )
    const outcome = await stranger.probe(AbortSignal.timeout(2_000))
    expect(outcome).toEqual({ state: 'failed', kind: 'unauthorised', cause: 'code_2004' })
    await stranger.close()
  })
  it('answers the supervision business', async () => {
    const outcome = await vehicle.adapter.feed(new Date(0), AbortSignal.timeout(2_000))
    expect(outcome).toMatchObject({ business: { accepted: 203, queues: [{ length: 7 }, {}] } })
  })
})
