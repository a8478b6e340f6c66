import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { none } from '../../src/halls/hall-contract.ts'
import { listCaseEvents, listUndelivered, markDelivered } from '../../src/halls/hall-event-store.ts'
import { makeTicketStore } from '../../src/halls/hall-ticket-store.ts'
import type { HallQuestion } from '../../src/halls/hall-tickets.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'
import { operator, people } from '../adapters/harness.ts'
import { licenceOf, typeCode } from './harness.ts'

const store = await testStore()
const keys = testDataKeys()
const time = { now: new Date('2018-11-30T10:00:00+08:00') }
const clock = { now: () => time.now, cityDate: () => '2018-11-30' }
const random = (length: number): Uint8Array => randomBytes(length)
const tickets = makeTicketStore({ store, keys, clock, random })
const claim = (node: string, limit = 10) => ({ node, leaseMs: 30_000, limit })

const questionOf = (more: Partial<HallQuestion> = {}): HallQuestion => ({
  hallId: 'police-exit-entry',
  typeCode,
  holder: people.allPresent,
  materialCode: 'M01',
  callerId: 'clerk-city',
  caseId: randomUUID(),
  caseNo: 'QD-1',
  itemCode: 'QD-YL-001',
  operator,
  ...more,
})
const pendingTicket = (question: HallQuestion) => ({
  kind: 'pending' as const,
  question,
  hallTicket: 'SQ1',
  retryAt: time.now,
})

beforeEach(async () => {
  await store.pool.query('truncate hall_ticket, hall_event')
  time.now = new Date('2018-11-30T10:00:00+08:00')
})

describe('a question', () => {
  it('is one ticket however often it is kept and however its holder is written', async () => {
    const question = questionOf({
      holder: { idType: '111', id: '37029919000101003X', name: '测试超时' },
    })
    const written = {
      idType: '111',
      id: '３７０２９９１９０００１０１００３ｘ',
      name: ' 测试 超时 ',
    }
    const ids = await Promise.all([
      tickets.keep(pendingTicket(question)),
      tickets.keep(pendingTicket({ ...question, holder: written })),
      tickets.keep(pendingTicket(question)),
    ])
    expect(new Set(ids).size).toBe(1)
    expect(await tickets.find({ ...question, holder: written })).toMatchObject({
      ticketId: ids[0],
      state: 'waiting',
      kind: 'pending',
    })
  })
  it('is another one for another clerk or another case', async () => {
    const question = questionOf()
    await tickets.keep(pendingTicket(question))
    const other = { ...operator, id: 'clerk-city-002' }
    expect(await tickets.find({ ...question, operator: other })).toBeUndefined()
    expect(await tickets.find({ ...question, caseId: randomUUID() })).toBeUndefined()
  })
  it('leaves no personal data outside the encrypted columns', async () => {
    const question = questionOf()
    const ticketId = await tickets.keep(pendingTicket(question))
    await tickets.settle(ticketId, { state: 'collected', candidateId: 'c', licence: licenceOf() })
    for (const table of ['hall_ticket', 'hall_event']) {
      const { rows } = await store.pool.query<{ row: string }>(
        `select row_to_json(t)::text as row from ${table} t`,
      )
      expect(rows.length).toBeGreaterThan(0)
      for (const { row } of rows) {
        expect(row).not.toContain(people.allPresent.id)
        expect(row).not.toContain(people.allPresent.name)
        expect(row).not.toContain(Buffer.from(people.allPresent.id).toString('hex'))
        expect(row).not.toContain(operator.idNumber)
      }
    }
  })
  it('that waited for its hall takes over the hall’s own ticket', async () => {
    const question = questionOf()
    const back = { ...pendingTicket(question), kind: 'back_fetch' as const, hallTicket: undefined }
    const ticketId = await tickets.keep(back)
    expect(await tickets.keep(pendingTicket(question))).toBe(ticketId)
    expect(await tickets.find(question)).toMatchObject({ kind: 'pending' })
    const [due] = await tickets.claimDue(question.hallId, claim('one'))
    expect(due).toMatchObject({ ticketId, hallTicket: 'SQ1', question })
  })
})

describe('claims', () => {
  it('give no ticket to two nodes, whatever their number', async () => {
    for (let count = 0; count < 60; count += 1) await tickets.keep(pendingTicket(questionOf()))
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, node) =>
        tickets.claimDue('police-exit-entry', claim(`node-${String(node)}`, 5)),
      ),
    )
    const ids = taken.flat().map(({ ticketId }) => ticketId)
    expect(ids.length).toBe(60)
    expect(new Set(ids).size).toBe(60)
  })
  it('come back when the node that held them has died', async () => {
    const ticketId = await tickets.keep(pendingTicket(questionOf()))
    await tickets.claimDue('police-exit-entry', claim('dead'))
    expect(await tickets.claimDue('police-exit-entry', claim('alive'))).toEqual([])
    await store.pool.query("update hall_ticket set lease_until = now() - interval '1 second'")
    const [again] = await tickets.claimDue('police-exit-entry', claim('alive'))
    expect(again).toMatchObject({ ticketId, attempts: 2 })
  })
  it('wait for their time and for their own hall', async () => {
    await tickets.keep({
      ...pendingTicket(questionOf()),
      retryAt: new Date(time.now.getTime() + 1),
    })
    expect(await tickets.claimDue('police-exit-entry', claim('one'))).toEqual([])
    time.now = new Date(time.now.getTime() + 1)
    expect(await tickets.claimDue('land', claim('one'))).toEqual([])
    const [due] = await tickets.claimDue('police-exit-entry', claim('one'))
    if (due === undefined) throw new Error('expected a ticket')
    await tickets.postpone(due, new Date(time.now.getTime() + 5_000), 'SQ2')
    expect(await tickets.claimDue('police-exit-entry', claim('one'))).toEqual([])
    time.now = new Date(time.now.getTime() + 5_000)
    const [later] = await tickets.claimDue('police-exit-entry', claim('one'))
    expect(later).toMatchObject({ hallTicket: 'SQ2', attempts: 2 })
  })
})

describe('an answer', () => {
  it('is kept with its event in one commit, once', async () => {
    const question = questionOf()
    const ticketId = await tickets.keep(pendingTicket(question))
    const outcome = { state: 'collected', candidateId: 'c', licence: licenceOf() } as const
    await Promise.all([tickets.settle(ticketId, outcome), tickets.settle(ticketId, none('absent'))])
    const [event, ...others] = await listCaseEvents(store.db, question.caseId)
    expect(others).toEqual([])
    expect(event).toMatchObject({
      hallId: question.hallId,
      ticketId,
      body: { materialCode: 'M01' },
    })
    const view = await tickets.find(question)
    expect(view?.state).toBe('done')
    expect(event?.kind === 'material.available').toBe(view?.outcome?.state === 'collected')
  })
  it('reads back as it was given', async () => {
    const question = questionOf()
    const outcomes = [
      { state: 'collected', candidateId: 'c', licence: licenceOf({ areaCode: '370202' }) },
      { state: 'none', because: 'name_unreadable' },
      { state: 'failed', kind: 'rejected', cause: 'code', reason: 'sealed' },
    ] as const
    for (const outcome of outcomes) {
      const asked = { ...question, caseId: randomUUID() }
      await tickets.settle(await tickets.keep(pendingTicket(asked)), outcome)
      expect((await tickets.find(asked))?.outcome).toEqual(outcome)
    }
  })
  it('serves an equal question for ten minutes, then the question is asked anew', async () => {
    const question = questionOf()
    await tickets.settle(await tickets.keep(pendingTicket(question)), none('absent'))
    time.now = new Date(time.now.getTime() + 600_000)
    expect(await tickets.find(question)).toBeUndefined()
  })
  it('that never comes ends the ticket with an event, and a week later it is gone', async () => {
    const question = questionOf()
    await tickets.keep(pendingTicket(question))
    time.now = new Date(time.now.getTime() + 86_400_000)
    expect(await tickets.expire()).toBe(1)
    const [event] = await listUndelivered(store.db)
    expect(event).toMatchObject({ kind: 'material.unavailable', body: { state: 'expired' } })
    expect(await tickets.listOfCase(question.caseId)).toMatchObject([{ state: 'expired' }])
    time.now = new Date(time.now.getTime() + 7 * 86_400_000)
    await tickets.expire()
    expect(await tickets.listOfCase(question.caseId)).toEqual([])
  })
  it('is delivered in order and once', async () => {
    for (let count = 0; count < 3; count += 1)
      await tickets.settle(await tickets.keep(pendingTicket(questionOf())), none('absent'))
    const [first, second, third] = await listUndelivered(store.db)
    await markDelivered(store.db, [first?.eventId ?? ''], time.now)
    expect((await listUndelivered(store.db)).map(({ eventId }) => eventId)).toEqual([
      second?.eventId,
      third?.eventId,
    ])
  })
  it('is forgotten with its case', async () => {
    const question = questionOf()
    await tickets.keep(pendingTicket(question))
    await tickets.forgetCase(question.caseId)
    expect(await tickets.listOfCase(question.caseId)).toEqual([])
  })
})
