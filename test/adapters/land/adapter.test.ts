import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { openLand } from '../../../adapters/land/adapter.ts'
import { startLandSimulator, type LandSimulator } from '../../../adapters/land/simulator.ts'
import type { FindOutcome, HallAdapter } from '../../../src/halls/adapter.ts'
import { emptyDatabaseUrl } from '../../support/database.ts'
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

const hallId = 'land'
const certificate = '11370299003700053P009'

let ownerUrl: string
let simulator: LandSimulator
let adapter: HallAdapter
let owner: pg.Client

const open = (more = {}, databaseUrl = simulator.databaseUrl): Promise<HallAdapter> =>
  openLand(
    setupFor(
      hallId,
      { ...simulator.settings, databaseUrl: { name: 'LAND_DATABASE_URL' }, pollMs: 100, ...more },
      { LAND_DATABASE_URL: databaseUrl },
    ),
  )

beforeAll(async () => {
  ownerUrl = await emptyDatabaseUrl()
  simulator = await startLandSimulator({ hallId, subjects, clock, random, ownerUrl, lookMs: 20 })
  adapter = await open()
  owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
})
afterEach(() => tell(simulator.controlUrl, 'up'))
afterAll(async () => {
  await adapter.close()
  await owner.end()
  await simulator.close()
})

const garbled = async (form: string): Promise<FindOutcome> => {
  await tell(simulator.controlUrl, 'garble', { form })
  return adapter.find(query(certificate), context(4_000))
}
const states = async (): Promise<number[]> =>
  (await owner.query<{ zt: number }>('select zt from cxsq order by sqsj')).rows.map(({ zt }) => zt)

describe('what the hall holds', () => {
  it('finds every paper of every holder with half-width brackets in its number', async () => {
    const papers = papersAt(hallId)
    expect(papers.length).toBeGreaterThan(15)
    await Promise.all(
      papers.flatMap((paper) =>
        paper.holders.map(async (holder) => {
          const outcome = await adapter.find(query(paper.typeCode, holder), context(15_000))
          if (outcome.state !== 'found') throw new Error(JSON.stringify(outcome))
          expect(outcome.candidates.map(({ licence }) => licence)).toContainEqual(
            expect.objectContaining(asLicence(paper)),
          )
        }),
      ),
    )
    expect(new Set(await states())).toEqual(new Set([3]))
  })
  it('finds both certificates of a person who has two', async () => {
    const outcome = await adapter.find(query(certificate, people.twoPapers), context())
    expect(outcome).toMatchObject({ state: 'found', candidates: [{}, {}] })
  })
  it('discloses nothing when the name differs; none where nothing is held', async () => {
    expect(await adapter.find(query(certificate, people.misnamed), context())).toEqual({
      state: 'none',
      because: 'name_differs',
    })
    expect(await adapter.find(query(certificate, people.nothing), context())).toEqual({
      state: 'none',
      because: 'absent',
    })
    expect(await adapter.find(query(certificate, people.sealed), context())).toMatchObject({
      kind: 'rejected',
      reason: 'sealed',
    })
  })
})

describe('the two tables', () => {
  it('shows the gateway its own rows only', async () => {
    await owner.query(
      "insert into cxsq (sqid, dwdm, jkbm, zt) values ('other', 'another-unit', 'XT', 3)",
    )
    const role = new pg.Client({ connectionString: simulator.databaseUrl })
    await role.connect()
    const { rows } = await role.query("select 1 from cxsq where sqid = 'other'")
    await expect(
      role.query("insert into cxsq (sqid, dwdm, jkbm) values ('x', 'y', 'XT')"),
    ).rejects.toThrow(/row-level security/)
    await role.end()
    await owner.query("delete from cxsq where sqid = 'other'")
    expect(rows).toEqual([])
  })
  it('withdraws the row that nobody took, and says that nobody took it', async () => {
    await tell(simulator.controlUrl, 'hang')
    const quick = await open({ inlineWaitMs: 300 })
    const outcome = await quick.find(query(certificate), context())
    await quick.close()
    expect(outcome).toEqual({ state: 'failed', kind: 'timeout', cause: 'row_not_taken' })
    expect((await states()).at(-1)).toBe(8)
  })
  it('keeps the row that was taken as a ticket and reads the answer later', async () => {
    await tell(simulator.controlUrl, 'late', { ms: 900 })
    const quick = await open({ inlineWaitMs: 300 })
    const first = await quick.find(query(certificate), context())
    if (first.state !== 'pending') throw new Error(JSON.stringify(first))
    await sleep(900)
    const later = await quick.find({ ...query(certificate), ticket: first.ticket }, context())
    expect(later).toMatchObject({ state: 'found', candidates: [{ version: '001' }] })
    await quick.close()
  })
  it('gives up a row that was taken and never answered', async () => {
    await tell(simulator.controlUrl, 'late', { ms: 3_000 })
    const quick = await open({ inlineWaitMs: 100, stuckAfterMs: 1_000 })
    const first = await quick.find(query(certificate), context())
    if (first.state !== 'pending') throw new Error(JSON.stringify(first))
    await sleep(1_100)
    const later = await quick.find({ ...query(certificate), ticket: first.ticket }, context())
    expect(later).toEqual({ state: 'failed', kind: 'timeout', cause: 'row_stuck' })
    await quick.close()
  })
  it('counts a day, names what is missing or doubled, and leaves no row of it behind', async () => {
    await owner.query('truncate cxsq, cxjg')
    await garbled('duplicates')
    await tell(simulator.controlUrl, 'up')
    await adapter.find(query(certificate), context())
    await owner.query(
      "insert into cxsq (sqid, dwdm, jkbm, zt) values ('lost', 'zhengqiao', 'XT', 1)",
    )
    const { rows } = await owner.query<{ day: string }>(
      "select to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day",
    )
    const day = rows[0]?.day ?? ''
    expect(await adapter.reconcile?.(day)).toEqual({
      day,
      asked: 3,
      answered: 2,
      withdrawn: 0,
      missing: 1,
      repeated: 1,
    })
    expect(await states()).toEqual([])
  })
})

describe('habits', () => {
  it.each([
    ['failure_inside', 'unreachable', 'jglx_9'],
    ['truncated', 'malformed', 'json_malformed'],
    ['oversize', 'malformed', 'body_too_large'],
    ['nothing', 'malformed', 'answer_missing'],
    ['wrong_count', 'malformed', 'count_differs'],
    ['duplicates_differ', 'malformed', 'duplicate_answers_differ'],
    ['missing_field', 'malformed', 'field_missing:number'],
    ['bad_date', 'malformed', 'field_form:issuedat'],
    ['other_holder', 'malformed', 'answer_for_another_holder'],
  ])('%s is %s with the cause %s', async (form, kind, cause) => {
    expect(await garbled(form)).toEqual({ state: 'failed', kind, cause })
  })
  it('reads a row once that came twice', async () => {
    expect(await garbled('duplicates')).toMatchObject({ state: 'found', candidates: [{}] })
  })
  it('is unreachable while the database is down, unauthorised after its password changed', async () => {
    await tell(simulator.controlUrl, 'down')
    expect(await adapter.find(query(certificate), context())).toMatchObject({ kind: 'unreachable' })
    await tell(simulator.controlUrl, 'up')
    await tell(simulator.controlUrl, 'rotate')
    expect(await adapter.find(query(certificate), context())).toEqual({
      state: 'failed',
      kind: 'unauthorised',
      cause: 'sql_28p01',
    })
    await tell(simulator.controlUrl, 'up')
    expect(await adapter.find(query(certificate), context())).toMatchObject({ state: 'found' })
  })
  it('is busy or in maintenance in the registry’s own words', async () => {
    await tell(simulator.controlUrl, 'refuse')
    expect(await adapter.find(query(certificate), context())).toMatchObject({ kind: 'busy' })
    await tell(simulator.controlUrl, 'maintenance')
    expect(await adapter.probe(AbortSignal.timeout(2_000))).toMatchObject({ kind: 'maintenance' })
  })
  it('ends at the deadline', async () => {
    await tell(simulator.controlUrl, 'hang')
    const outcome = await adapter.find(query(certificate), context(200))
    expect(outcome).toMatchObject({ state: 'failed', kind: 'timeout' })
  })
  it('answers the supervision interface', async () => {
    const outcome = await adapter.feed(new Date(0), AbortSignal.timeout(2_000))
    expect(outcome).toMatchObject({ business: { accepted: 341, queues: [{ length: 12 }, {}] } })
  })
})
