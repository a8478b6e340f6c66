import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { licenceTypeSchema } from '../../src/catalogue/licence-type.ts'
import { asId, type OrganisationId } from '../../src/contract/ids.ts'
import {
  failed,
  failureKinds,
  type HallAdapter,
  type OpenAdapter,
} from '../../src/halls/hall-contract.ts'
import { measureHalls } from '../../src/halls/hall-metrics.ts'
import { sentenceOfFailure, sentenceOfNone } from '../../src/halls/hall-sentences.ts'
import { hallTable } from '../../src/halls/hall-table.ts'
import { licenceFromHall } from '../../src/halls/licence-from-hall.ts'
import { offerStale } from '../../src/halls/offer-stale.ts'
import { openHalls } from '../../src/halls/open-halls.ts'
import { preferNewer } from '../../src/halls/prefer-newer.ts'
import { hallData, hallEndpoints } from '../../src/halls/routes.ts'
import { makeReadSecret, makeSecret, SettingsError } from '../../src/halls/secret.ts'
import { showableBusiness } from '../../src/halls/showable-business.ts'
import { testConnection } from '../../src/halls/test-connection.ts'
import { watchHalls } from '../../src/halls/watch-halls.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { parseLicenceIdentifier } from '../../src/licences/licence-identifier.ts'
import { clock, random } from '../adapters/harness.ts'
import { adapterWith, boardWith, licenceOf, material, setContext, specWith } from './harness.ts'

const types = z
  .array(licenceTypeSchema)
  .parse(JSON.parse(readFileSync('src/demo/city/licence-types.json', 'utf8')))
const cardType = types.find(({ shortCode }) => shortCode === 'RS-SBK')
if (cardType === undefined) throw new Error('no type')
const card = licenceOf({
  fields: {
    bankName: '青岛测试栈桥银行',
    name: '测试齐全',
    citizenId: '370299190001010013',
    cardNumber: 'T99000004',
    sex: '男',
    issueDate: '2018-06-12',
    cardStatus: '正常',
    unknownHere: 'x',
  },
})

describe('a hall’s answer as a licence', () => {
  it('has the type’s fields in the type’s order, and no others', () => {
    const made = licenceFromHall(card, cardType, 'sha-256')
    if (!made.ok) throw new Error(made.cause)
    expect(Object.keys(made.value.content.surface)).toEqual([
      'name',
      'citizenId',
      'cardNumber',
      'sex',
      'issueDate',
      'bankName',
      'cardStatus',
    ])
    expect(made.value.claims).toMatchObject({ version: '001', trustLevel: 'A' })
    expect(made.value.content.holders).toMatchObject([{ kind: 'person', idType: '111' }])
  })
  it('is refused without a required field or from another issuer', () => {
    expect(licenceFromHall({ ...card, fields: {} }, cardType, 'sha-256')).toEqual({
      ok: false,
      cause: 'field_missing:name',
    })
    const issuer = { code: '113702990037000297', name: '青岛市公安局' }
    expect(licenceFromHall({ ...card, issuer }, cardType, 'sha-256')).toEqual({
      ok: false,
      cause: 'issuer_differs',
    })
  })
  it('keeps a right identifier, corrects a wrong check, makes one where there is none', () => {
    const good = '1.2.156.3005.2.11370299003700010A001.11370299003700010A.S0000000003.001.E'
    const of = (identifier: string | undefined, version = '001') => {
      const made = licenceFromHall({ ...card, identifier, version }, cardType, 'sha-256')
      if (!made.ok) throw new Error(made.cause)
      return made.value
    }
    expect(of(good)).toMatchObject({ content: { identifier: good }, problems: [] })
    const wrong = `${good.slice(0, -1)}F`
    expect(of(wrong)).toMatchObject({
      content: { identifier: good },
      problems: ['identifier_check'],
      legacyAlias: wrong,
    })
    const first = of(undefined).content.identifier
    const second = of(undefined, '002').content.identifier
    expect(parseLicenceIdentifier(first)).toMatchObject({ checked: true, version: '001' })
    expect(parseLicenceIdentifier(second)?.serial).toBe(parseLicenceIdentifier(first)?.serial)
    expect(first).not.toContain(card.number)
    const national = licenceFromHall({ ...card, identifier: undefined }, cardType, 'sm3')
    const content = JSON.stringify([card.typeCode, card.issuer.code, card.number])
    const sm3 = createHash('sm3').update(content).digest('hex').toUpperCase()
    expect(JSON.stringify(national)).toMatch(
      new RegExp(`"content":\\{[^{}]*"identifier":"[^"]*\\.G${sm3.slice(0, 24)}\\.`),
    )
    const other = '1.2.156.3005.2.11370299003700010A002.11370299003700010A.S0000000004.001.5'
    expect(of(other)).toMatchObject({ problems: ['identifier_differs'], legacyAlias: other })
  })
})

describe('stock and hall', () => {
  const stock = { version: '001', issuedAt: '2018-06-12', status: 'active', validTo: null } as const
  it('prefer the newer version, and the hall for the same', () => {
    expect(preferNewer(stock, card)).toEqual({ source: 'hall', differs: [] })
    expect(preferNewer({ ...stock, version: '002' }, card)).toEqual({
      source: 'stock',
      differs: ['version'],
    })
    expect(preferNewer(stock, { ...card, status: 'revoked' })).toEqual({
      source: 'hall',
      differs: ['status'],
    })
  })
  it('offer an old copy only inside the type’s age, saying from when it is', () => {
    const now = new Date('2018-11-30T10:00:00+08:00')
    const since = new Date('2018-11-30T09:59:00+08:00')
    const failure = { ...failed('timeout', 'no_answer'), since, retryAt: now }
    const day = new Date('2018-11-29T10:00:00+08:00')
    const aged = (days: number | null) => ({ rule: 'max_status_age', days }) as const
    expect(offerStale(day, aged(1), failure, now)).toEqual({
      state: 'stale',
      asOf: '2018-11-29T10:00:00.000+08:00',
      sourceState: 'down',
      rule: 'max_status_age:1d',
    })
    expect(offerStale(day, aged(0), failure, now)).toEqual({
      state: 'source_down',
      since: '2018-11-30T09:59:00.000+08:00',
      retryAt: '2018-11-30T10:00:00.000+08:00',
    })
    expect(offerStale(undefined, aged(null), failure, now).state).toBe('source_down')
  })
})

describe('sentences', () => {
  it('exist for every kind, name the hall, and never the machine’s cause', () => {
    for (const kind of failureKinds)
      expect(sentenceOfFailure('人社大厅', { kind })).toMatch(/^人社大厅.*。$/)
    expect(sentenceOfFailure('人社大厅', { kind: 'rejected', reason: 'sealed' })).not.toMatch(
      /封存/,
    )
  })
  it('are the same for absence and for another name', () => {
    expect(sentenceOfNone('人社大厅', 'name_differs')).toBe(sentenceOfNone('人社大厅', 'absent'))
  })
})

describe('supervision', () => {
  const callerWith = (roles: readonly ('C' | 'O')[]) => ({ roles })
  it('shows halls by their schema, request ids of failures to operators only', async () => {
    const adapter = adapterWith({ find: async () => failed('malformed', 'test') })
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter }])
    await dispatcher.supervise()
    await dispatcher.findMaterials([material()], setContext())
    const [list, one] = hallEndpoints({ dispatcher })
    const call = (
      roles: readonly ('C' | 'O')[],
      params: Readonly<Record<string, string>> = {},
    ) => ({
      caller: {
        ...callerWith(roles),
        clientId: asId<never>('c'),
        kind: 'system' as const,
        organisationId: asId<OrganisationId>('o'),
        certificateId: asId<never>('x'),
        operatorId: undefined,
        operatorAsserted: false,
      },
      requestId: 'r',
      params,
      query: {},
      body: undefined,
      stream: (async function* () {})(),
      signed: {
        signatureBase: '',
        signature: new Uint8Array(),
        certificateDer: new Uint8Array(),
        bodyBytes: new Uint8Array(),
        bodyDigest: '',
      },
      tx: undefined,
    })
    const shown = z.array(hallData).parse((await list?.handle(call(['O'])))?.data)
    expect(shown[0]).toMatchObject({
      condition: 'up',
      business: { accepted: 1 },
      lastFailures: [{ requestId: 'req-1', kind: 'malformed', cause: 'test' }],
    })
    const clerk = hallData.parse((await one?.handle(call(['C'], { hallId: 'hall-a' })))?.data)
    expect(clerk.lastFailures).toEqual([])
    await expect(one?.handle(call(['C'], { hallId: 'none' }))).rejects.toThrow('hall_not_found')
    await dispatcher.close()
  })
  it('streams the newest state after every change and leaves no listener behind', async () => {
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith() }])
    const stop = new AbortController()
    const seen: number[] = []
    const counted = { listeners: 0 }
    const board = {
      states: dispatcher.states,
      subscribe: (listener: () => void) => {
        counted.listeners += 1
        const leave = dispatcher.subscribe(listener)
        return () => {
          counted.listeners -= 1
          leave()
        }
      },
    }
    const watching = (async () => {
      for await (const [hall] of watchHalls(board, stop.signal, 5)) seen.push(hall?.calls ?? -1)
    })()
    for (let count = 0; count < 3; count += 1) {
      await dispatcher.findMaterials([material()], setContext({ caseId: `c${String(count)}` }))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    stop.abort()
    await watching
    expect(seen[0]).toBe(0)
    expect(seen.at(-1)).toBe(3)
    expect(counted.listeners).toBe(0)
    await dispatcher.close()
  })
  it('shows queues by names of a name’s size, without numbers that may be a person’s', () => {
    const queues = [
      { nameZh: '受理\u202e窗口', length: 3 },
      { nameZh: '张三 37029919000101003X 待审', length: 1 },
      ...Array.from({ length: 100 }, () => ({ nameZh: '长'.repeat(1_000), length: 0 })),
    ]
    const shown = showableBusiness({ asOf: '', accepted: 1, finished: 1, overdue: 0, queues })
    expect(shown.queues).toHaveLength(50)
    expect(shown.queues.map(({ nameZh }) => nameZh).slice(0, 3)).toEqual([
      '受理窗口',
      '张三 … 待审',
      '长'.repeat(40),
    ])
  })
  it('measures every hall without a label of a person or a case', async () => {
    const { dispatcher } = boardWith([{ spec: specWith('hall-a'), adapter: adapterWith() }])
    await dispatcher.supervise()
    await dispatcher.findMaterials([material()], setContext())
    const samples = measureHalls(dispatcher.states())
    const up = samples.find(
      ({ name, labels }) => name === 'zhengqiao_hall_condition' && labels['condition'] === 'up',
    )
    expect(up?.value).toBe(1)
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    expect(labels).toEqual(new Set(['hall', 'condition', 'kind', 'quantile', 'state']))
    await dispatcher.close()
  })
  it('prints a table whose columns line up in a terminal', async () => {
    const halls = [
      { spec: specWith('hall-a', { nameZh: '人社专业大厅' }), adapter: adapterWith() },
      { spec: specWith('hall-b', { nameZh: '国土' }), adapter: adapterWith() },
    ]
    const { dispatcher } = boardWith(halls)
    const lines = hallTable(dispatcher.states(), { isColoured: false })
    expect(lines[1]).toMatch(/^人社专业大厅 {2}● 正常/)
    expect(lines[2]).toMatch(/^国土 {10}● 正常/)
    expect(hallTable(dispatcher.states(), { isColoured: true })[1]).toMatch(/^\u001b\[32m/)
    await dispatcher.close()
  })
  it('tests a connection with a sentence and a cause', async () => {
    const adapter = adapterWith({ probe: async () => failed('unauthorised', 'code_2004') })
    const test = await testConnection(specWith('hall-a'), adapter, {
      clock,
      elapsedMs: () => performance.now(),
    })
    expect(test).toMatchObject({
      ok: false,
      steps: [
        { step: 'probe', ok: false, cause: 'code_2004' },
        { step: 'feed', ok: true, cause: null },
      ],
    })
    expect(test.steps[0]?.sentence).toMatch(/拒绝了我们的身份/)
  })
  it.each([
    ['refresh:econnrefused', /端口上没有服务/],
    ['enotfound', /主机名解析不到/],
    ['ehostunreach', /网络不通/],
    ['err_tls_cert_altname_invalid', /证书上没有这个主机名/],
    ['self_signed_cert_in_chain', /证书不可信/],
    ['unable_to_verify_leaf_signature', /证书不可信/],
    ['eproto', /TLS 握手失败/],
    ['econnreset', /连接被对方中断/],
    ['http_502', /连接不上/],
  ])('says what to look at when %s is why there is no connection', async (cause, sentence) => {
    const adapter = adapterWith({ probe: async () => failed('unreachable', cause) })
    const test = await testConnection(specWith('hall-a'), adapter, { clock, elapsedMs: () => 0 })
    expect(test.steps[0]?.sentence).toMatch(sentence)
  })
  it('says of an answer that it was slow', async () => {
    const time = { ms: 0 }
    const elapsedMs = (): number => (time.ms += 3_001)
    const test = await testConnection(specWith('hall-a'), adapterWith(), { clock, elapsedMs })
    expect(test).toMatchObject({ ok: true })
    expect(test.steps[0]?.sentence).toMatch(/慢于/)
  })
})

describe('start-up', () => {
  const deps = (closed: string[]) => ({
    departments: new Map<string, OpenAdapter>([
      [
        'good',
        async () =>
          adapterWith({
            close: async () => {
              closed.push('good')
            },
          }),
      ],
      [
        'bad',
        async ({ hallId }: { readonly hallId: string }): Promise<HallAdapter> => {
          throw new SettingsError(hallId, ['settings.a: missing', 'settings.b: missing'])
        },
      ],
    ]),
    readSecret: async () => makeSecret('x'),
    openExchange,
    digestName: 'sha-256' as const,
    clock,
    random,
  })
  it('names the faults of all halls at once and closes those that it had opened', async () => {
    const closed: string[] = []
    const specs = [
      specWith('hall-a', { department: 'good' }),
      specWith('hall-b', { department: 'bad' }),
      specWith('hall-c', { department: 'none' }),
      specWith('hall-a', { department: 'good' }),
    ]
    await expect(openHalls(deps(closed), specs)).rejects.toMatchObject({
      problems: [
        'hall hall-b: settings.a: missing',
        'hall hall-b: settings.b: missing',
        'hall hall-c: no adapter for department none',
        'hall hall-a is there twice',
      ],
    })
    expect(closed).toEqual(['good', 'good'])
  })
  it('names the secret that is missing, and the hall', async () => {
    const read = makeReadSecret((name) => (name === 'GIVEN' ? 'value' : undefined))
    expect((await read({ name: 'GIVEN' })).reveal()).toBe('value')
    await expect(read({ name: 'OTHER' })).rejects.toThrow('secret OTHER is not set')
    await expect(read({ file: '/none/such' })).rejects.toThrow('/none/such cannot be read')
    const departments = new Map<string, OpenAdapter>([
      [
        'test',
        async ({ readSecret }) => {
          await readSecret({ name: 'OTHER' })
          return adapterWith()
        },
      ],
    ])
    const opening = openHalls({ ...deps([]), departments, readSecret: read }, [specWith('hall-a')])
    await expect(opening).rejects.toMatchObject({
      problems: ['hall hall-a: secret OTHER is not set'],
    })
  })
  it('keeps a secret out of logs, JSON and text', async () => {
    const secret = makeSecret('top-secret')
    const shown = [inspect({ secret }), JSON.stringify({ secret }), inspect(secret)]
    expect(shown.join()).not.toContain('top-secret')
    expect(secret.reveal()).toBe('top-secret')
  })
})
