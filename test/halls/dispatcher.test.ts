import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { failed, none, unasked, type FindOutcome } from '../../src/halls/hall-contract.ts'
import { people } from '../adapters/harness.ts'
import {
  adapterWith,
  boardWith,
  foundWith,
  licenceOf,
  material,
  memoryTickets,
  setContext,
  specWith,
  typeCode,
} from './harness.ts'

const never = (signal: AbortSignal): Promise<FindOutcome> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(failed('timeout', 'no_answer'))
    })
  })

describe('a set of materials', () => {
  it('asks all halls at once and keeps one deadline for all of them', async () => {
    const quick = { spec: specWith('quick'), adapter: adapterWith() }
    const silent = {
      spec: specWith('silent'),
      adapter: adapterWith({ typeCodes: ['T2'], find: (_, { signal }) => never(signal) }),
    }
    const deaf = {
      spec: specWith('deaf'),
      adapter: adapterWith({ typeCodes: ['T3'], find: () => new Promise(() => undefined) }),
    }
    const { dispatcher } = boardWith([quick, silent, deaf])
    const startedMs = performance.now()
    const findings = await dispatcher.collectMaterials(
      [
        material(),
        material({ typeCode: 'T2' }),
        material({ typeCode: 'T3' }),
        material({ typeCode: 'T4' }),
      ],
      setContext({ waitMs: 300 }),
    )
    expect(performance.now() - startedMs).toBeLessThan(450)
    expect(findings.map(({ hallId, outcome }) => [hallId, outcome.state])).toEqual([
      ['quick', 'collected'],
      ['silent', 'failed'],
      ['deaf', 'failed'],
      [undefined, 'not_connected'],
    ])
    expect(findings[1]?.outcome).toMatchObject({ kind: 'timeout', since: expect.any(Date) as Date })
    await dispatcher.close()
  })
  it('gives existence without content, content only when asked for it', async () => {
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith() }])
    const [found] = await dispatcher.findMaterials([material()], setContext())
    expect(JSON.stringify(found)).not.toContain(people.allPresent.name)
    expect(found?.outcome).toMatchObject({
      state: 'found',
      candidates: [{ numberTail: '0004', status: 'active' }],
    })
    const [fetched] = await dispatcher.collectMaterials([material()], setContext())
    expect(fetched?.outcome).toMatchObject({ state: 'collected', licence: { number: 'T99000004' } })
    await dispatcher.close()
  })
  it('drops the content of papers that are not in force', async () => {
    for (const [status, validTo, expected] of [
      ['revoked', null, 'revoked'],
      ['suspended', null, 'suspended'],
      ['active', '2017-06-12', 'expired'],
    ] as const) {
      const find = async () => foundWith(licenceOf({ status, validTo }))
      const { dispatcher } = boardWith([
        { spec: specWith('hall-a'), adapter: adapterWith({ find }) },
      ])
      const [finding] = await dispatcher.collectMaterials([material()], setContext())
      expect(finding?.outcome).toMatchObject({ state: 'withheld', candidate: { status: expected } })
      expect(JSON.stringify(finding)).not.toContain(people.allPresent.name)
      await dispatcher.close()
    }
  })
  it('lets the clerk choose between two papers, by an id that stays the same', async () => {
    const find = async () => foundWith(licenceOf(), licenceOf({ number: 'T99000005' }))
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith({ find }) }])
    const [first] = await dispatcher.collectMaterials([material()], setContext())
    const [again] = await dispatcher.collectMaterials([material()], setContext())
    expect(again?.outcome).toEqual(first?.outcome)
    if (first?.outcome.state !== 'ambiguous') throw new Error('expected a choice')
    const candidateId = first.outcome.candidates[1]?.candidateId
    const [chosen] = await dispatcher.collectMaterials([material({ candidateId })], setContext())
    expect(chosen?.outcome).toMatchObject({ state: 'collected', licence: { number: 'T99000005' } })
    const elsewhere = setContext({ caseId: '01933b2e-7d20-7000-8000-000000000002' })
    const [other] = await dispatcher.collectMaterials([material({ candidateId })], elsewhere)
    expect(other?.outcome).toEqual(none('absent'))
    await dispatcher.close()
  })
  it('takes the newest version of a paper that the hall lists with its history', async () => {
    const find = async () =>
      foundWith(licenceOf({ status: 'changed' }), licenceOf({ version: '002' }))
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith({ find }) }])
    const [finding] = await dispatcher.collectMaterials([material()], setContext())
    expect(finding?.outcome).toMatchObject({ state: 'collected', licence: { version: '002' } })
    await dispatcher.close()
  })
})

describe('equal questions', () => {
  const counting = () => {
    const calls: string[] = []
    const find: Parameters<typeof adapterWith>[0] = {
      find: async ({ holder }, { operator }) => {
        calls.push(`${operator.id} ${holder.id}`)
        await sleep(30)
        return none('absent')
      },
    }
    return { calls, adapter: adapterWith(find) }
  }
  it('share one call and its "nothing held" within one case and operator', async () => {
    const { calls, adapter } = counting()
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }])
    await Promise.all([1, 2, 3].map(() => dispatcher.findMaterials([material()], setContext())))
    await dispatcher.findMaterials([material()], setContext())
    expect(calls).toHaveLength(1)
    await dispatcher.close()
  })
  it('are asked for every clerk and every case anew', async () => {
    const { calls, adapter } = counting()
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }])
    const base = setContext()
    await Promise.all([
      dispatcher.findMaterials([material()], base),
      dispatcher.findMaterials([material()], { ...base, caseId: 'another' }),
      dispatcher.findMaterials([material()], {
        ...base,
        operator: { ...base.operator, id: 'clerk-city-002' },
      }),
      dispatcher.findMaterials([material({ holder: people.nothing })], base),
    ])
    expect(calls).toHaveLength(4)
    await dispatcher.close()
  })
  it('do not end with the first who gives up', async () => {
    const find = async () => {
      await sleep(200)
      return foundWith(licenceOf())
    }
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith({ find }) }])
    const [impatient, patient] = await Promise.all([
      dispatcher.collectMaterials([material()], setContext({ waitMs: 50 })),
      dispatcher.collectMaterials([material()], setContext({ waitMs: 1_000 })),
    ])
    expect(impatient[0]?.outcome).toMatchObject({ state: 'failed', kind: 'timeout' })
    expect(patient[0]?.outcome).toMatchObject({ state: 'collected' })
    await dispatcher.close()
  })
})

describe('a hall’s bad day', () => {
  const erring = (kind: 'unreachable' | 'malformed', calls: number[]) =>
    adapterWith({
      canRepeatFind: () => false,
      find: async () => {
        calls.push(1)
        return failed(kind, 'test')
      },
    })
  const askTimes = async (
    dispatcher: ReturnType<typeof boardWith>['dispatcher'],
    times: number,
  ): Promise<void> => {
    for (let count = 0; count < times; count += 1)
      await dispatcher.findMaterials(
        [material()],
        setContext({ caseId: `case-${String(Math.random())}` }),
      )
  }
  it('turns red after five failures, is left alone, and stays no other hall’s bad day', async () => {
    const calls: number[] = []
    const other = adapterWith({ typeCodes: ['T2'] })
    const { dispatcher, transitions } = boardWith([
      { spec: specWith('ill'), adapter: erring('unreachable', calls) },
      { spec: specWith('well'), adapter: other },
    ])
    await askTimes(dispatcher, 8)
    expect(calls).toHaveLength(5)
    const [ill, well] = dispatcher.states()
    expect(ill).toMatchObject({ condition: 'down', colour: 'red', errors: { unreachable: 5 } })
    expect(well).toMatchObject({ condition: 'up', colour: 'green' })
    expect(ill?.lastFailures[0]).toMatchObject({ requestId: 'req-1', cause: 'test' })
    expect(transitions.map(({ kind, hallId }) => [kind, hallId])).toEqual([['hall.down', 'ill']])
    const [refused] = await dispatcher.findMaterials([material()], setContext())
    expect(refused?.outcome).toMatchObject({
      cause: 'breaker_open',
      since: expect.any(Date) as Date,
      retryAt: expect.any(Date) as Date,
    })
    await dispatcher.close()
  })
  it('ends with a real success, not with a probe', async () => {
    const time = { ms: 0 }
    const health = { isWell: false }
    const adapter = adapterWith({
      canRepeatFind: () => false,
      find: async () => (health.isWell ? none('absent') : failed('unreachable', 'test')),
      probe: async () => (health.isWell ? { state: 'up' } : failed('unreachable', 'test')),
    })
    const { dispatcher, transitions } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
      lookEveryMs: 3_600_000,
    })
    await askTimes(dispatcher, 5)
    health.isWell = true
    await dispatcher.supervise()
    expect(dispatcher.states()[0]?.colour).toBe('red')
    time.ms += 10_000
    await dispatcher.supervise()
    expect(dispatcher.states()[0]?.colour).toBe('amber')
    await askTimes(dispatcher, 1)
    expect(dispatcher.states()[0]?.colour).toBe('green')
    expect(transitions.map(({ kind }) => kind)).toEqual(['hall.down', 'hall.recovered'])
    await dispatcher.close()
  })
  it('is over within 15 s also when nobody asks', async () => {
    const time = { ms: 0 }
    const health = { isWell: false }
    const answer = <Value>(value: Value) => (health.isWell ? value : failed('unreachable', 'test'))
    const adapter = adapterWith({
      canRepeatFind: () => false,
      find: async () => answer(none('absent')),
      probe: async () => answer({ state: 'up' as const }),
    })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
    })
    await askTimes(dispatcher, 5)
    health.isWell = true
    for (let second = 0; second < 15; second += 1) {
      time.ms += 1_000
      await dispatcher.supervise()
    }
    expect(dispatcher.states()[0]?.colour).toBe('green')
    await dispatcher.close()
  })
  it('does not begin because callers were impatient or a department refused in its own words', async () => {
    const adapter = adapterWith({
      find: async ({ typeCode: asked }, { signal }) =>
        asked === typeCode ? never(signal) : failed('rejected', 'code', { reason: 'sealed' }),
    })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }])
    const impatient = setContext({ waitMs: 20 })
    for (let count = 0; count < 6; count += 1)
      await dispatcher.findMaterials([material()], { ...impatient, caseId: `c${String(count)}` })
    expect(dispatcher.states()[0]).toMatchObject({ colour: 'green', errors: { timeout: 6 } })
    await dispatcher.close()
  })
  it('does not begin because one question fails again and again; five questions are the hall', async () => {
    const adapter = erring('malformed', [])
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }])
    for (let count = 0; count < 8; count += 1)
      await dispatcher.findMaterials([material()], setContext())
    expect(dispatcher.states()[0]).toMatchObject({ colour: 'green', errors: { malformed: 8 } })
    for (const id of ['A1', 'A2', 'A3', 'A4']) {
      const holder = { ...people.allPresent, id }
      await dispatcher.findMaterials([material({ holder })], setContext())
    }
    expect(dispatcher.states()[0]?.colour).toBe('red')
    await dispatcher.close()
  })
  it('is not hidden or ended by questions that were never sent', async () => {
    const time = { ms: 0 }
    const adapter = adapterWith({
      canRepeatFind: () => false,
      find: async ({ holder }) =>
        holder.idType === '001'
          ? unasked('operator_unknown', 'clerk_unknown')
          : failed('unreachable', 'test'),
    })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
      lookEveryMs: 3_600_000,
    })
    const unsent = async (): Promise<void> => {
      const holder = { ...people.allPresent, idType: '001' }
      await dispatcher.findMaterials([material({ holder })], setContext())
    }
    for (let count = 0; count < 5; count += 1) {
      await askTimes(dispatcher, 1)
      await unsent()
    }
    expect(dispatcher.states()[0]?.colour).toBe('red')
    time.ms += 10_000
    await dispatcher.supervise()
    await unsent()
    expect(dispatcher.states()[0]).toMatchObject({ colour: 'amber', lastSuccessAt: null })
    await dispatcher.close()
  })
  it('turns red within a minute also when nobody asks', async () => {
    const time = { ms: 0 }
    const adapter = adapterWith({ feed: async () => failed('unreachable', 'econnrefused') })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
    })
    for (let second = 0; second < 40; second += 1) {
      time.ms += 1_000
      await dispatcher.supervise()
    }
    expect(dispatcher.states()[0]?.colour).toBe('red')
    await dispatcher.close()
  })
  it('is looked into early when one question gets no answer again and again', async () => {
    const time = { ms: 0 }
    const looks: number[] = []
    const adapter = adapterWith({
      find: async () => {
        time.ms += 3_000
        return failed('timeout', 'no_answer')
      },
      feed: (...asked) => {
        looks.push(time.ms)
        return adapterWith().feed(...asked)
      },
    })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
      lookEveryMs: 60_000,
    })
    await dispatcher.supervise()
    for (let count = 0; count < 5; count += 1)
      await dispatcher.findMaterials([material()], setContext())
    expect(dispatcher.states()[0]?.colour).toBe('green')
    await dispatcher.supervise()
    expect(looks).toEqual([0, 15_000])
    await dispatcher.close()
  })
  it('is looked into by the gateway itself when callers go before the hall can answer', async () => {
    const time = { ms: 0 }
    const adapter = adapterWith({
      find: (_, { signal }) => never(signal),
      feed: async () => {
        time.ms += 5_000
        return failed('timeout', 'no_answer')
      },
    })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }], {
      elapsedMs: () => time.ms,
    })
    const ask = async (id: string): Promise<void> => {
      const holder = { ...people.allPresent, id }
      await dispatcher.findMaterials([material({ holder })], setContext({ waitMs: 5 }))
    }
    for (const id of ['A1', 'A2', 'A3', 'A4', 'A5']) await ask(id)
    expect(dispatcher.states()[0]?.colour).toBe('green')
    for (let second = 0; second < 6; second += 1) {
      time.ms += 1_000
      await dispatcher.supervise()
    }
    expect(dispatcher.states()[0]?.colour).toBe('red')
    await dispatcher.close()
  })
  it('is told for a day at most, whatever the hall says of its maintenance', async () => {
    for (const until of [new Date(Number.NaN), new Date(Date.UTC(9999, 0))]) {
      const adapter = adapterWith({
        find: async () => failed('maintenance', 'code', { retryAt: until }),
      })
      const { dispatcher, transitions } = boardWith([{ spec: specWith('hall-a'), adapter }])
      const [finding] = await dispatcher.collectMaterials([material()], setContext())
      const retryAt = finding?.outcome.state === 'failed' ? finding.outcome.retryAt : undefined
      expect(Number(retryAt)).toBeLessThanOrEqual(Date.now() + 86_400_000)
      expect(dispatcher.states()[0]?.nameZh).toBe('测试大厅')
      expect(Number(transitions[0]?.until)).toBeLessThanOrEqual(Date.now() + 86_400_000)
      await dispatcher.close()
    }
  })
  it('asks again once where the line broke and asking twice is no second act', async () => {
    const calls: boolean[] = []
    const board = (canRepeat: boolean) =>
      boardWith([
        {
          spec: specWith('hall-a'),
          adapter: adapterWith({
            canRepeatFind: () => canRepeat,
            find: async () => {
              calls.push(canRepeat)
              return calls.length === 1 || !canRepeat
                ? failed('unreachable', 'econnreset')
                : foundWith(licenceOf())
            },
          }),
        },
      ])
    const { dispatcher, log } = board(true)
    const [finding] = await dispatcher.collectMaterials([material()], setContext())
    expect(finding?.outcome.state).toBe('collected')
    expect(log).toEqual([])
    await dispatcher.close()
    const single = board(false)
    await single.dispatcher.collectMaterials([material()], setContext())
    expect(calls).toEqual([true, true, false])
    await single.dispatcher.close()
  })
  it('fills its own queue, not the others’', async () => {
    const adapter = adapterWith({ find: (_, { signal }) => never(signal) })
    const spec = specWith('hall-a', { limits: { maxInFlight: 2, maxQueued: 1 } })
    const { dispatcher } = boardWith([{ spec, adapter }])
    const findings = await Promise.all(
      Array.from({ length: 5 }, (_, at) =>
        dispatcher.findMaterials(
          [material()],
          setContext({ caseId: `c${String(at)}`, waitMs: 150 }),
        ),
      ),
    )
    const causes = findings.map(([finding]) =>
      finding?.outcome.state === 'failed' ? finding.outcome.cause : '',
    )
    expect(causes.filter((cause) => cause === 'queue_full')).toHaveLength(2)
    expect(causes.filter((cause) => /^(no_answer|queue_wait)$/.test(cause))).toHaveLength(3)
    expect(dispatcher.states()[0]).toMatchObject({ inFlight: 0, queued: 0 })
    await dispatcher.close()
  })
  it('shows a bug of an adapter as malformed, its place in the log without its message', async () => {
    const adapter = adapterWith({
      find: async () => {
        throw new TypeError('370299190001010013 测试齐全')
      },
    })
    const { dispatcher, log } = boardWith([{ spec: specWith('hall-a'), adapter }])
    const [finding] = await dispatcher.findMaterials([material()], setContext())
    expect(finding?.outcome).toMatchObject({ kind: 'malformed', cause: 'adapter_threw' })
    expect(log[0]?.thrown).toMatch(/^TypeError +at /)
    expect(JSON.stringify(log)).not.toMatch(/370299|测试/)
    await dispatcher.close()
  })
})

describe('calendar', () => {
  it('asks nobody during maintenance and says until when', async () => {
    const calls: number[] = []
    const adapter = adapterWith({
      find: async () => {
        calls.push(1)
        return none('absent')
      },
    })
    const from = new Date(Date.now() - 60_000).toISOString()
    const to = new Date(Date.now() + 60_000).toISOString()
    const calendar = { maintenance: [{ from, to, reasonZh: '系统升级' }] }
    const { dispatcher, transitions } = boardWith([
      { spec: specWith('hall-a', { calendar }), adapter },
    ])
    const [finding] = await dispatcher.findMaterials([material()], setContext())
    expect(finding?.outcome).toMatchObject({ kind: 'maintenance', retryAt: new Date(to) })
    expect(calls).toEqual([])
    await dispatcher.supervise()
    await dispatcher.supervise()
    expect(transitions).toMatchObject([{ kind: 'hall.maintenance', until: new Date(to) }])
    expect(dispatcher.states()[0]).toMatchObject({
      condition: 'maintenance',
      colour: 'grey',
      calendar: { outage: { reasonZh: '系统升级' } },
    })
    await dispatcher.close()
  })
})

describe('questions that stay open', () => {
  it('keeps the hall’s ticket and answers equal questions with it', async () => {
    const retryAt = new Date(Date.now() + 5_000)
    const find = async (): Promise<FindOutcome> => ({ state: 'pending', ticket: 'SQ1', retryAt })
    const { dispatcher, tickets } = boardWith([
      { spec: specWith('hall-a'), adapter: adapterWith({ find }) },
    ])
    const [first] = await dispatcher.collectMaterials([material()], setContext())
    const [again] = await dispatcher.collectMaterials([material()], setContext())
    const ticketId = tickets.kept[0]?.ticketId
    expect([first?.outcome, again?.outcome]).toEqual([
      { state: 'pending', ticketId, retryAt },
      { state: 'pending', ticketId, retryAt },
    ])
    expect(tickets.kept).toMatchObject([{ ticket: { kind: 'pending', hallTicket: 'SQ1' } }])
    await tickets.settle(ticketId ?? '', {
      state: 'collected',
      candidateId: 'id',
      licence: licenceOf(),
    })
    const [done] = await dispatcher.collectMaterials([material()], setContext())
    expect(done?.outcome).toMatchObject({ state: 'collected' })
    const [summary] = await dispatcher.findMaterials([material()], setContext())
    expect(summary?.outcome).toMatchObject({ state: 'found', candidates: [{ candidateId: 'id' }] })
    await dispatcher.close()
  })
  it('keeps no ticket where nothing may be told later, and loses no set where none can be kept', async () => {
    const adapter = adapterWith({
      find: async () => ({ state: 'pending', ticket: 't', retryAt: new Date() }),
    })
    const down = adapterWith({ find: async () => failed('unreachable', 'econnrefused') })
    for (const each of [adapter, down]) {
      const unkept = boardWith([{ spec: specWith('one'), adapter: each }])
      const [quiet] = await unkept.dispatcher.collectMaterials(
        [material()],
        setContext({ isUnkept: true }),
      )
      expect(quiet?.outcome).toMatchObject({ state: 'failed' })
      expect(unkept.tickets.kept).toEqual([])
      const tickets = {
        ...memoryTickets(),
        keep: async () => Promise.reject(new Error('no connection')),
      }
      const board = boardWith([{ spec: specWith('one'), adapter: each }], { tickets })
      const [lost] = await board.dispatcher.collectMaterials([material()], setContext())
      expect(lost?.outcome).toMatchObject({ state: 'failed' })
      expect(lost?.outcome).not.toHaveProperty('ticketId')
      expect(board.log.map(({ cause }) => cause)).toContain('ticket_not_kept')
    }
  })

  it('keeps what a hall that is away could not answer, and settles it when the clerk asks again', async () => {
    const answers: FindOutcome[] = [failed('timeout', 'no_answer'), foundWith(licenceOf())]
    const find = async (): Promise<FindOutcome> => answers.shift() ?? none('absent')
    const { dispatcher, tickets } = boardWith([
      { spec: specWith('hall-a'), adapter: adapterWith({ find }) },
    ])
    const [away] = await dispatcher.collectMaterials([material()], setContext())
    expect(away?.outcome).toMatchObject({ kind: 'timeout', ticketId: tickets.kept[0]?.ticketId })
    const [back] = await dispatcher.collectMaterials([material()], setContext())
    expect(back?.outcome).toMatchObject({ state: 'collected' })
    expect(tickets.kept[0]?.outcome).toMatchObject({ state: 'collected' })
    await dispatcher.close()
  })
})
