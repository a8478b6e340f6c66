import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFetch } from '../../src/cases/fetch-store.ts'
import { type CaseDeps, caseEndpoints } from '../../src/cases/routes.ts'
import type { Hold } from '../../src/cases/judge-material.ts'
import { repeatFetch } from '../../src/cases/repeat-fetch.ts'
import { registerCase } from '../../src/cases/register-case.ts'
import type { RequestKey } from '../../src/client/sign-request.ts'
import { asId, type CaseId, type ClientId, type FetchId } from '../../src/contract/ids.ts'
import type { JsonValue } from '../../src/crypto/json-value.ts'
import { isJsonObject } from '../../src/crypto/json-value.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody } from '../http/http-world.ts'
import { testStore } from '../support/database.ts'
import { aLicence } from '../support/licence.ts'
import {
  aRegistration,
  caseIdIn,
  clerk as clerkCaller,
  openCaseRoom,
  registrar,
} from './case-room.ts'

const operatorId = 'clerk-city-001'
const store = await testStore()
let world: HttpWorld
let room: Awaited<ReturnType<typeof openCaseRoom>>
let clerk: RequestKey
let caseId: string
let grants: Awaited<ReturnType<typeof room.findGrants>>

beforeAll(async () => {
  room = await openCaseRoom(store)
  const findGrants = async () => grants
  const findFetchOf: CaseDeps['findFetch'] = (fetchId, file) =>
    findFetch(store.db, room.keys, { fetchId, caseId: file.caseId, clientId: file.clientId })
  const replaceFetch = async () => false
  const deps = { ...room, findGrants, findFetch: findFetchOf, replaceFetch }
  const endpoints = caseEndpoints(deps)
  world = await httpWorld({ store, endpoints })
  clerk = await world.addClient({ id: 'clerk-city', roles: ['C'] })
  await world.addOperator({ id: operatorId, client: 'clerk-city' })
  caseId = caseIdIn(
    await inTransaction(store, (tx) => registerCase(room, tx, registrar, aRegistration())),
  )
})

beforeEach(() => {
  grants = [{ typeCode: aLicence().typeCode, fields: null }]
  room.stock.splice(0, Infinity, aLicence())
})

const fetchUnder = (idempotencyKey: string) =>
  world.ask(clerk, {
    method: 'POST',
    path: `/v1/cases/${caseId}/fetches`,
    body: jsonBody({ materials: [{ code: 'M1' }] }),
    idempotencyKey,
    operatorId,
  })

const fetchIdIn = (data: JsonValue | undefined): string => {
  const fetchId = isJsonObject(data) ? data['fetchId'] : undefined
  if (typeof fetchId !== 'string') throw new Error('no fetch')
  return fetchId
}

const readAgain = (data: JsonValue | undefined) =>
  world.ask(clerk, { path: `/v1/cases/${caseId}/fetches/${fetchIdIn(data)}`, operatorId })

describe('what a fetch answered', () => {
  it('is given again with an event that lists every licence and field of it', async () => {
    const first = await fetchUnder('again')
    const replay = await fetchUnder('again')
    const read = await readAgain(first.json['data'])
    for (const again of [replay, read]) {
      expect(again.json['data']).toEqual(first.json['data'])
      expect(eventOf(again)).toMatchObject({
        licences: [{ licenceId: aLicence().licenceId, fields: ['name', 'citizenId'] }],
      })
    }
    expect(replay.headers.get('idempotent-replayed')).toBe('true')
  })

  it('is kept as references, under its key and its number, and given again byte for byte', async () => {
    const first = await fetchUnder('references')
    const fetchId = asId<FetchId>(fetchIdIn(first.json['data']))
    const file = { caseId: asId<CaseId>(caseId), clientId: asId<ClientId>('clerk-city') }
    const record = await findFetch(store.db, room.keys, { fetchId, ...file })
    expect(record).toMatchObject({
      materials: [{ licence: { licenceId: aLicence().licenceId, fields: ['name', 'citizenId'] } }],
    })
    expect(JSON.stringify(record)).not.toContain('sdJwt')
    const dataOf = (text: string) => text.slice(0, text.indexOf(',"receipt":'))
    expect(dataOf((await fetchUnder('references')).text)).toBe(dataOf(first.text))
  })

  it('is still given when another valid licence has come', async () => {
    const first = await fetchUnder('second')
    room.stock.push(aLicence({ licenceId: asId('0190b8f0-0000-7000-8000-000000000002') }))
    expect((await fetchUnder('second')).json['data']).toEqual(first.json['data'])
  })

  it.each<[string, () => void]>([
    ['the grant was revoked', () => (grants = [])],
    [
      'the grant lost a field',
      () => (grants = [{ typeCode: aLicence().typeCode, fields: ['name'] }]),
    ],
    ['the licence was revoked', () => room.stock.splice(0, 1, aLicence({ status: 'revoked' }))],
  ])('is not given again once %s', async (name, change) => {
    const first = await fetchUnder(name.replaceAll(' ', '-'))
    expect(first.status).toBe(200)
    change()
    for (const again of [
      await fetchUnder(name.replaceAll(' ', '-')),
      await readAgain(first.json['data']),
    ]) {
      expect(again).toMatchObject({ status: 412, code: 'precondition_failed' })
      expect(again.text).not.toContain('sdJwt')
    }
  })
})

describe('a hall’s paper that a fetch answered', () => {
  const licenceId = '019a0000-0000-7000-8000-0000000000aa'
  const record = {
    fetchId: '019a0000-0000-7000-8000-0000000000bb',
    complete: true,
    materials: [
      {
        ...{ code: 'M1', state: 'fetched', reason: 'at_hall', messageZh: '已取得。', next: 'none' },
        licence: {
          ...{ licenceId, version: '001', status: 'active', statusSource: 'hall:police' },
          ...{ statusAsOf: '2018-11-30T10:00:00.000+08:00', attestedBy: 'gateway' },
          ...{ keyCustody: 'gateway', sdJwt: 'e30.e30.c2ln~', fields: { name: '…' } },
        },
      },
    ],
  }
  const again = (hold?: Hold) =>
    repeatFetch(
      {
        ...room,
        findGrants: async () => grants,
        findHold: async () => hold,
        findFetch: async () => record,
        replaceFetch: async () => false,
      },
      clerkCaller,
      { caseId, fetchId: record.fetchId },
    )

  it('is given again, but not once it is sealed or somebody objects to it', async () => {
    expect((await again()).data).toEqual(record)
    for (const hold of ['sealed', 'disputed'] as const)
      await expect(again(hold)).rejects.toMatchObject({ code: 'precondition_failed' })
  })
})
