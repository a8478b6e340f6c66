import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { Caller, Role } from '../../src/contract/caller.ts'
import type { Call } from '../../src/contract/endpoint.ts'
import { asId } from '../../src/contract/ids.ts'
import type { Ledger } from '../../src/ledger/open-ledger.ts'
import { eventQuery } from '../../src/ledger/audit-schemas.ts'
import { writeCursor } from '../../src/ledger/cursor.ts'
import { openEvent } from '../../src/ledger/prepare-filing.ts'
import { ledgerEndpoints } from '../../src/ledger/routes.ts'
import { testStore } from '../support/database.ts'
import { aFiling, gateway, ledgerWorld, proved } from './ledger-world.ts'

const store = await testStore()
const world = ledgerWorld()
const endpoints = ledgerEndpoints({ db: store.db, keys: world.keys })
const licence = '018f0000-0000-7000-8000-000000000001'
const caseId = '018f0000-0000-7000-8000-0000000000aa'
const at = (minute: number) => new Date(Date.UTC(2018, 10, 30, 2, minute))

let ledger: Ledger
const filings = Array.from({ length: 30 }, (_, n) =>
  aFiling({
    at: at(n),
    clientId: n % 2 === 0 ? 'clerk-city' : 'clerk-370203',
    operatorId: `operator-${String(n % 3)}`,
    deed: {
      action: 'case.fetch',
      decision: n % 5 === 0 ? 'denied' : 'allowed',
      ...(n < 10 ? { caseId } : {}),
      licences:
        n % 3 === 0
          ? [
              {
                licenceId: licence,
                version: '001',
                fields: ['name'],
                status: 'active',
                statusAsOf: '2018-11-30T10:00:00.000+08:00',
                statusSource: 'stock',
              },
            ]
          : [],
    },
  }),
)
beforeAll(async () => {
  ledger = await world.open(store)
  for (const filing of filings) await ledger.file(filing)
})
afterAll(() => ledger.close())

const caller = (roles: readonly Role[], clientId: string): Caller => ({
  clientId: asId(clientId),
  kind: 'system',
  organisationId: asId('organisation'),
  roles,
  certificateId: asId('certificate'),
  operatorId: undefined,
  operatorAsserted: false,
})

const call = async (
  operationId: string,
  request: {
    readonly query?: Record<string, string>
    readonly params?: Record<string, string>
    readonly as?: Caller
  },
) => {
  const endpoint = endpoints.find((each) => each.operationId === operationId)
  if (endpoint === undefined) throw new Error(operationId)
  const given: Call<unknown, undefined> = {
    caller: request.as ?? caller(['A'], 'audit'),
    requestId: 'request',
    params: request.params ?? {},
    query: request.query ?? {},
    body: undefined,
    stream: (async function* () {
      // empty
    })(),
    signed: {
      signatureBase: '',
      signature: Buffer.alloc(0),
      certificateDer: Buffer.alloc(0),
      bodyBytes: Buffer.alloc(0),
      bodyDigest: '',
    },
    tx: undefined,
  }
  const answer = await endpoint.handle(given)
  expect(endpoint.data.safeParse(answer.data).success).toBe(true)
  return answer
}

const numbersOf = (data: unknown): readonly string[] => {
  if (typeof data !== 'object' || data === null || !('events' in data)) throw new Error('no events')
  if (!Array.isArray(data.events)) throw new Error('no events')
  return data.events.map((event: { no: string }) => event.no)
}
const cursorIn = (data: unknown): string | undefined =>
  z.object({ nextCursor: z.string().optional() }).parse(data).nextCursor
const expectedWhere = (keep: (n: number) => boolean) =>
  filings
    .map(({ no }, n) => ({ no, n }))
    .filter(({ n }) => keep(n))
    .map(({ no }) => no)
    .reverse()

it('refuses what the database could not take, instead of failing on it', async () => {
  const nul = writeCursor(['gateway.example/\0', 1])
  await expect(call('listCheckpoints', { query: { cursor: nul } })).rejects.toMatchObject({
    code: 'bad_cursor',
  })
  const query = { case: caseId.toUpperCase(), reason: '年度审计' }
  expect(eventQuery.safeParse(query).success).toBe(false)
})

it.each([
  ['licence', { licence }, (n: number) => n % 3 === 0],
  ['case', { case: caseId }, (n: number) => n < 10],
  ['client', { client: 'clerk-city' }, (n: number) => n % 2 === 0],
  ['operator', { operator: 'operator-1' }, (n: number) => n % 3 === 1],
  [
    'period',
    { from: '2018-11-30T10:05:00+08:00', to: '2018-11-30T02:20:00Z' },
    (n: number) => n >= 5 && n < 20,
  ],
  ['decision', { from: '2018-11-30T00:00:00Z', decision: 'denied' }, (n: number) => n % 5 === 0],
  [
    'all together',
    { licence, case: caseId, client: 'clerk-370203', from: '2018-11-30T00:00:00Z' },
    (n: number) => n % 3 === 0 && n < 10 && n % 2 === 1,
  ],
] as const)('finds events by %s, newest first', async (_, query, keep) => {
  const { data } = await call('searchEvents', {
    query: { ...query, reason: '年度审计', limit: '200' },
  })
  expect(numbersOf(data)).toEqual(expectedWhere(keep))
})

it('walks every page once, in one order', async () => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { data } = await call('searchEvents', {
      query: {
        from: '2018-11-30T00:00:00Z',
        reason: '年度审计',
        limit: '7',
        ...(cursor === undefined ? {} : { cursor }),
      },
    })
    seen.push(...numbersOf(data))
    cursor = cursorIn(data)
  } while (cursor !== undefined)
  expect(seen).toEqual(expectedWhere(() => true))
})

it('files what was searched for and why', async () => {
  const { deed } = await call('searchEvents', { query: { licence, reason: ' 信访件 2018-77 ' } })
  expect(deed).toEqual({
    action: 'audit.search',
    decision: 'allowed',
    detail: { filter: { licence }, reason: '信访件 2018-77', found: 10 },
  })
})

it.each([
  ['no reason', { licence }],
  ['an empty reason', { licence, reason: '  ' }],
  ['a reason with a line break', { licence, reason: 'a\nb' }],
  ['nothing to search for', { reason: '年度审计', decision: 'denied' }],
  ['an identifier in place of a licence id', { licence: '1.2.156.3005.2', reason: '年度审计' }],
  ['an unknown filter', { licence, reason: '年度审计', subject: 'x' }],
  ['a limit above 200', { licence, reason: '年度审计', limit: '201' }],
  ['a date without time', { from: '2018-11-30', reason: '年度审计' }],
])('refuses a search with %s', (_, query) => {
  const [search] = endpoints
  expect(search?.query?.safeParse(query).success).toBe(false)
})

it.each(['x', 'W10', 'WyJhIiwxLDJd', 'WzEsMiwzLDRd', 'WzllOTksMSwxXQ', 'bnVsbA'])(
  'refuses the cursor %j',
  async (cursor) => {
    const query = { licence, reason: '年度审计', cursor }
    await expect(call('searchEvents', { query })).rejects.toMatchObject({ code: 'bad_cursor' })
    await expect(call('listCheckpoints', { query: { cursor } })).rejects.toMatchObject({
      code: 'bad_cursor',
    })
  },
)

it('gives a client its own receipt, an auditor anybody’s', async () => {
  const [own] = filings
  const params = { no: own?.no ?? '' }
  const receipt = await ledger.receipt(asId(params.no))
  expect((await call('getReceipt', { params })).data).toEqual(receipt)
  const clerk = await call('getReceipt', { params, as: caller(['C'], 'clerk-city') })
  expect(clerk.data).toEqual(receipt)
  expect(clerk.deed).toMatchObject({ action: 'receipt.read', caseId, detail: { view: 'whole' } })
})

it('tells the hotline what became of an exchange and nothing of its content', async () => {
  const params = { no: filings[5]?.no ?? '' }
  const { data } = await call('getReceipt', { params, as: caller(['H'], 'hotline') })
  expect(data).toEqual({
    ...params,
    at: '2018-11-30T10:05:00.000+08:00',
    action: 'case.fetch',
    decision: 'denied',
  })
})

it.each([
  ['another client’s receipt', filings[1]?.no ?? '', caller(['C'], 'clerk-city')],
  ['a number that nobody has', aFiling().no, caller(['A'], 'audit')],
  ['a malformed number', '../x', caller(['A'], 'audit')],
])('knows no receipt for %s', async (_, no, as) => {
  await expect(call('getReceipt', { params: { no }, as })).rejects.toMatchObject({
    code: 'receipt_not_found',
  })
})

it('lists checkpoints page by page, newest first', async () => {
  const { data } = await call('listCheckpoints', { query: { limit: '2' } })
  expect(data).toMatchObject({ checkpoints: [{ size: 30 }, { size: 29 }] })
  const cursor = cursorIn(data) ?? ''
  const next = await call('listCheckpoints', { query: { limit: '2', cursor } })
  expect(next.data).toMatchObject({ checkpoints: [{ size: 28 }, { size: 27 }] })
  const other = await call('listCheckpoints', { query: { origin: 'other' } })
  expect(other.data).toEqual({ checkpoints: [] })
})

it('answers a stored request only with the receipt that it belongs to', async () => {
  const receipt = await ledger.receipt(asId(filings[0]?.no ?? ''))
  expect(receipt && proved(receipt, world.signer).origin).toBe(`${gateway}/node-1`)
  const { rows } = await store.pool.query<{ blob: Buffer; key_id: string }>(
    'select blob, key_id from ledger_event order by position limit 1',
  )
  const [row] = rows
  if (!row) throw new Error('no row')
  const sealed = { blob: row.blob, keyId: row.key_id }
  expect(() => openEvent(sealed, filings[1]?.no ?? asId(''), world.keys)).toThrow()
})
