import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openHousingFund } from '../../../adapters/housing-fund/adapter.ts'
import { startHousingFundSimulator } from '../../../adapters/housing-fund/simulator.ts'
import type { FindOutcome, HallAdapter } from '../../../src/halls/adapter.ts'
import {
  asLicence,
  clock,
  context,
  papersAt,
  people,
  query,
  random,
  setupFor,
  subjects,
  tell,
} from '../harness.ts'

const hallId = 'housing-fund'
const deposit = '11370299003700061J011'
const loan = '11370299003700061J019'
const secretKey = 'only-in-this-test'
const secrets = { HOUSING_FUND_KEY: secretKey }

type Simulator = Awaited<ReturnType<typeof startHousingFundSimulator>>
let simulator: Simulator
let adapter: HallAdapter

beforeAll(async () => {
  simulator = await startHousingFundSimulator({ hallId, subjects, clock, random, secretKey })
  const settings = { ...simulator.settings, secretKey: { name: 'HOUSING_FUND_KEY' } }
  adapter = await openHousingFund(setupFor(hallId, settings, secrets))
})
afterEach(() => tell(simulator.controlUrl, 'up'))
afterAll(async () => {
  await adapter.close()
  await simulator.close()
})

const garbled = async (form: string): Promise<FindOutcome> => {
  await tell(simulator.controlUrl, 'garble', { form })
  return adapter.find(query(deposit), context(form === 'drip' ? 600 : 4_000))
}

describe('what the hall holds', () => {
  it('finds every paper with yuan, days and months as they were issued', async () => {
    const papers = papersAt(hallId)
    expect(papers.length).toBeGreaterThan(10)
    for (const paper of papers) {
      const [holder] = paper.holders
      if (holder === undefined) throw new Error('no holder')
      const outcome = await adapter.find(query(paper.typeCode, holder), context())
      if (outcome.state !== 'found') throw new Error(JSON.stringify(outcome))
      expect(outcome.candidates.map(({ licence }) => licence)).toContainEqual(
        expect.objectContaining(asLicence(paper)),
      )
    }
  })
  it('reads "correct" with an empty list as nothing held', async () => {
    const absent = { state: 'none', because: 'absent' }
    expect(await adapter.find(query(deposit, people.nothing), context())).toEqual(absent)
    expect(await adapter.find(query(loan, people.misnamed), context())).toEqual(absent)
    expect(await garbled('nothing')).toEqual(absent)
  })
  it('discloses nothing when the name differs at the source', async () => {
    const outcome = await adapter.find(query(deposit, people.misnamed), context())
    expect(outcome).toEqual({ state: 'none', because: 'name_differs' })
  })
  it('tells a name that GBK cannot write from another name', async () => {
    const outcome = await adapter.find(query(deposit, people.rareName), context())
    expect(outcome).toEqual({ state: 'none', because: 'name_unreadable' })
    const another = { ...people.rareName, name: '王䶮' }
    expect(await adapter.find(query(deposit, another), context())).toEqual({
      state: 'none',
      because: 'name_differs',
    })
  })
  it('keeps a sealed record to itself', async () => {
    const outcome = await adapter.find(query(deposit, people.sealed), context())
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'sealed' })
  })
})

describe('habits', () => {
  it('takes a new sequence number when the fund says that one was used', async () => {
    await tell(simulator.controlUrl, 'rotate')
    expect(await adapter.find(query(deposit), context())).toMatchObject({ state: 'found' })
  })
  it('never uses a sequence number twice', async () => {
    const before = simulator.calls()['refused'] ?? 0
    await Promise.all(Array.from({ length: 50 }, () => adapter.find(query(deposit), context())))
    expect(simulator.calls()['refused'] ?? 0).toBe(before)
  })
  it.each([
    ['failure_inside', 'unreachable', 'retcode_9999'],
    ['busy_inside', 'busy', 'words_busy'],
    ['truncated', 'malformed', 'xml_malformed'],
    ['encoding', 'malformed', 'gbk_invalid'],
    ['utf8', 'malformed', 'encoding_is_utf8'],
    ['bomb', 'malformed', 'xml_document_type'],
    ['oversize', 'malformed', 'encoding_not_gbk'],
    ['endless', 'malformed', 'body_too_large'],
    ['reset', 'unreachable', 'connection_lost_mid_body'],
    ['other_request', 'malformed', 'answer_for_another_request'],
    ['other_holder', 'malformed', 'answer_for_another_holder'],
    ['wrong_count', 'malformed', 'count_differs'],
    ['missing_field', 'malformed', 'field_missing:number'],
    ['bad_date', 'malformed', 'field_form:issuedat'],
    ['duplicates_differ', 'malformed', 'duplicate_answers_differ'],
  ])('%s is %s with the cause %s', async (form, kind, cause) => {
    const outcome = await garbled(form)
    if (form === 'oversize') expect(outcome).toMatchObject({ state: 'failed', kind })
    else expect(outcome).toEqual({ state: 'failed', kind, cause })
  })
  it('ends at the deadline for the subject to whom the hall does not answer', async () => {
    const outcome = await adapter.find(query(deposit, people.hanging), context(300))
    expect(outcome).toEqual({ state: 'failed', kind: 'timeout', cause: 'no_answer' })
  })
  it('says unauthorised for a wrong key, without the key', async () => {
    const settings = { ...simulator.settings, secretKey: { name: 'HOUSING_FUND_KEY' } }
    const stranger = await openHousingFund(
      setupFor(hallId, settings, { HOUSING_FUND_KEY: 'wrong-one' }),
    )
    expect(await stranger.probe(AbortSignal.timeout(2_000))).toEqual({
      state: 'failed',
      kind: 'unauthorised',
      cause: 'words_signature',
    })
    await stranger.close()
  })
  it('answers the supervision transaction', async () => {
    const outcome = await adapter.feed(new Date(0), AbortSignal.timeout(2_000))
    expect(outcome).toMatchObject({ business: { accepted: 88, queues: [{ nameZh: '提取审核' }] } })
  })
})
