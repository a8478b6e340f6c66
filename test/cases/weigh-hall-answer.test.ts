import { describe, expect, it, vi } from 'vitest'
import type { HallAnswer } from '../../src/cases/hall-answer.ts'
import type { HallDesk } from '../../src/cases/hall-desk.ts'
import type { Hold } from '../../src/cases/judge-material.ts'
import { matchAtHall } from '../../src/cases/match-at-hall.ts'
import {
  noteAbsence,
  weighHallAnswer,
  weighMatch,
  type WeighFacts,
} from '../../src/cases/weigh-hall-answer.ts'
import { licenceTypeSchema } from '../../src/catalogue/licence-type.ts'
import { asId } from '../../src/contract/ids.ts'
import type {
  CandidateSummary,
  CollectOutcome,
  FindSummary,
} from '../../src/halls/collect-licence.ts'
import type { SetContext } from '../../src/halls/dispatcher-room.ts'
import type { Licence } from '../../src/licences/licence.ts'
import { people } from '../adapters/harness.ts'
import { licenceOf, setContext } from '../halls/harness.ts'
import { aMaterial } from '../support/catalogue.ts'

const now = new Date('2018-11-30T02:00:00Z')
const clock = { now: () => now, cityDate: () => '2018-11-30' }
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000)
const hall = { hallId: 'housing-fund', nameZh: '公积金专业大厅' }

const typeWith = (more: object) =>
  licenceTypeSchema.parse({
    shortCode: 'GJJ-ZM',
    typeCode: '11370299003700061J011',
    nationalCode: null,
    nameZh: '住房公积金缴存证明',
    nameEn: 'Housing fund certificate',
    hall: hall.hallId,
    issuer: { code: '11370299003700061J', name: '青岛市住房公积金管理中心' },
    holderKind: 0,
    kind: 1,
    sharing: { class: 'conditional', statute: '测试' },
    singleInstance: true,
    validityYears: 20,
    trustLevel: 'A',
    version: 1,
    status: 2,
    maxStatusAgeDays: 1,
    maxOfferAgeDays: 30,
    fields: [
      {
        key: 'name',
        nameZh: '姓名',
        type: 'string',
        maxLength: 50,
        required: true,
        sensitive: false,
      },
    ],
    ...more,
  })

const stored = (more: Partial<Licence> = {}): Licence => ({
  licenceId: asId('019a0000-0000-7000-8000-000000000001'),
  typeCode: asId('11370299003700061J011'),
  version: '001',
  issuerCode: asId('11370299003700061J'),
  issuedAt: '2018-06-12',
  validFrom: '2018-06-12',
  validTo: null,
  trustLevel: 'A',
  status: 'active',
  sourceStatus: null,
  statusAsOf: daysAgo(5),
  statusSource: 'push',
  successorId: null,
  ...more,
})
const candidate = (more: Partial<CandidateSummary> = {}): CandidateSummary => ({
  candidateId: '019a0000-0000-7000-8000-0000000000aa',
  numberTail: '0004',
  version: '001',
  issuedAt: '2018-06-12',
  validTo: null,
  status: 'active',
  ...more,
})
const found = (...candidates: readonly CandidateSummary[]): HallAnswer => ({
  state: 'found',
  candidates,
})
const away: HallAnswer = {
  state: 'failed',
  failure: { state: 'failed', kind: 'unreachable', cause: 'econnrefused', retryAt: now },
  tickets: [],
}
const facts = (more: object = {}): WeighFacts => ({
  hall,
  type: typeWith(more),
  clock,
  tails: new Map(),
})
const inStock = (licence: Licence) =>
  ({ state: 'available', reason: 'in_stock', licences: [licence] }) as const
const old = (answer: HallAnswer, more: object = {}, licence = stored()) =>
  weighHallAnswer(inStock(licence), 'old', answer, facts(more))

describe('a copy in stock that is older than its type allows', () => {
  it('is confirmed as of now by a hall that says the same', () => {
    const judged = old(found(candidate()))
    expect(judged).toMatchObject({ state: 'available', reason: 'in_stock' })
    expect(judged.hall?.confirmedAt).toEqual(now)
    expect(judged.hall?.differs).toBeUndefined()
  })

  it('gives way to the hall’s newer version, and the difference is told', () => {
    const judged = old(found(candidate({ version: '002' })))
    expect(judged).toMatchObject({ state: 'available', reason: 'at_hall', licences: [] })
    expect(judged.hall?.differs).toEqual({ believed: 'hall', about: ['version'] })
  })

  it('stands against a hall with an older version, and the difference is told', () => {
    const judged = old(found(candidate()), {}, stored({ version: '002' }))
    expect(judged).toMatchObject({ state: 'available', reason: 'in_stock' })
    expect(judged.licences).toHaveLength(1)
    expect(judged.hall?.differs).toEqual({ believed: 'stock', about: ['version'] })
  })

  it('is not used when the hall no longer has the paper', () => {
    const judged = old({ state: 'none', because: 'absent' })
    expect(judged).toMatchObject({ state: 'not_found', licences: [] })
    expect(judged.hall?.differs).toEqual({ believed: 'hall', about: ['absent'] })
  })

  it('is stale while the hall is away, and names its age and the rule that permits it', () => {
    const judged = old(away)
    expect(judged).toMatchObject({ state: 'stale', reason: 'older_than_allowed' })
    expect(judged.hall?.copy?.rule).toContain('30')
    expect(judged.hall?.copy?.asOf).toContain('2018-11-25')
  })

  it('is not offered beyond that age, nor by a type without such a rule', () => {
    for (const judged of [
      old(away, {}, stored({ statusAsOf: daysAgo(31) })),
      old(away, { maxOfferAgeDays: null }),
    ])
      expect(judged).toMatchObject({ state: 'source_down', licences: [] })
  })
})

it('an end in stock stands until the hall shows a newer paper', () => {
  const revoked = {
    state: 'revoked',
    reason: 'status_revoked',
    licences: [stored({ status: 'revoked' })],
  } as const
  const same = weighHallAnswer(revoked, 'ended', found(candidate()), facts())
  expect(same).toMatchObject({ state: 'revoked', hall: { differs: { believed: 'stock' } } })
  const newer = weighHallAnswer(revoked, 'ended', found(candidate({ version: '002' })), facts())
  expect(newer).toMatchObject({ state: 'available', reason: 'at_hall' })
  expect(weighHallAnswer(revoked, 'ended', away, facts()).state).toBe('revoked')
})

it('a fresh copy whose hall is away says so', () => {
  const connection = { ...hall, away: { sourceState: 'down', since: now, retryAt: now } } as const
  const fresh = inStock(stored({ statusAsOf: daysAgo(0.5) }))
  const noted = noteAbsence(fresh, connection, { maxStatusAgeDays: 1 }, clock)
  expect(noted.state).toBe('available')
  expect(noted.hall?.copy?.sourceState).not.toBe('')
  expect(noted.hall?.copy?.rule).toContain('max_status_age')
})

describe('a third party’s paper at a hall', () => {
  const paper = { code: 'M01', number: 'T99000004', address: '市南区测试路1号' }
  const one = {
    entry: {
      material: aMaterial(),
      judgement: { state: 'not_found', reason: 'no_record', licences: [] },
      disclosable: [],
      holders: [people.allPresent],
      onlyMatch: paper,
      hold: undefined,
    },
    connection: { ...hall, away: undefined },
    type: typeWith({}),
    standing: 'missing',
  } as const
  const collected: CollectOutcome = {
    state: 'collected',
    candidateId: candidate().candidateId,
    licence: licenceOf(),
  }
  type Asked = {
    readonly numberTail?: string
    readonly outcome?: FindSummary
    readonly paperIs?: CollectOutcome
    readonly hold?: Hold
  }
  const ask = async (
    agrees: boolean,
    { numberTail = '0004', outcome, paperIs = collected, hold }: Asked = {},
  ) => {
    const contexts: SetContext[] = []
    const finding = { materialCode: 'M01', typeCode: '', hallId: '', askedAt: now, tookMs: 1 }
    const collectMaterials = vi.fn<HallDesk['collectMaterials']>(async (queries, context) => {
      contexts.push(context)
      return queries.map(() => ({ ...finding, outcome: paperIs }))
    })
    const desk: HallDesk = {
      connectionOf: () => undefined,
      findMaterials: async (_, context) => {
        contexts.push(context)
        return [
          {
            ...finding,
            outcome: outcome ?? { state: 'found', candidates: [candidate({ numberTail })] },
          },
        ]
      },
      collectMaterials,
      operatorOf: async () => setContext().operator,
      attest: async () => undefined,
      ticketsOf: async () => new Map(),
      agreesWith: () => agrees,
      report: () => undefined,
    }
    const asked = { ...one, entry: { ...one.entry, hold } }
    const answer = await matchAtHall(desk, asked, setContext())
    return { answer, contexts, collectMaterials }
  }

  it('matches without any candidate or content, and keeps no ticket that an event would tell of', async () => {
    const { answer, contexts } = await ask(true)
    expect(answer).toEqual({ state: 'found', candidates: [] })
    expect(contexts.map(({ isUnkept }) => isUnkept)).toEqual([true, true])
    expect(weighMatch(one.entry.judgement, hall, answer)).toEqual({
      state: 'available',
      reason: 'matched',
      licences: [],
    })
  })

  it('that does not agree is absence in every byte, and one with another number is not opened', async () => {
    const other = await ask(false)
    const number = await ask(true, { numberTail: '9999' })
    expect(number.collectMaterials.mock.calls.flatMap(([queries]) => queries)).toEqual([])
    for (const { answer } of [other, number])
      expect(weighMatch(one.entry.judgement, hall, answer)).toEqual(one.entry.judgement)
  })

  it('that the hall answers later, or lost on the way, is not absent but unknown', async () => {
    const later = { state: 'pending', ticketId: 't', retryAt: now } as const
    const lost = { state: 'failed', kind: 'timeout', cause: 'deadline' } as const
    for (const asked of [{ outcome: later }, { paperIs: later }, { paperIs: lost }]) {
      const { answer } = await ask(false, asked)
      const judged = weighMatch(one.entry.judgement, hall, answer)
      expect(judged.state).toBe('source_down')
    }
    const { answer } = await ask(false, { outcome: later })
    expect(weighMatch(one.entry.judgement, hall, answer)).toMatchObject({
      reason: 'hall_busy',
      hall: { retryAt: now, tickets: [] },
    })
  })

  it('is absence in every byte while it is held here or sealed there, though it agrees', async () => {
    const held = await ask(true, { hold: 'sealed' })
    expect(held.collectMaterials).toHaveBeenCalledOnce()
    const failed = { state: 'failed', kind: 'rejected', cause: 'words_sealed' } as const
    const sealed = await ask(true, { outcome: { ...failed, reason: 'sealed' } })
    for (const { answer } of [held, sealed])
      expect(weighMatch(one.entry.judgement, hall, answer)).toEqual(one.entry.judgement)
    const elsewhere = await ask(true, { outcome: { ...failed, reason: 'parameters' } })
    expect(weighMatch(one.entry.judgement, hall, elsewhere.answer)).not.toEqual(one.entry.judgement)
  })
})
