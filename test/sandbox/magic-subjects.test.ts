import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { simulatedHallIds } from '../../adapters/simulated-halls.ts'
import { cityDir } from '../../src/cli/package-root.ts'
import type { Json } from '../../src/contract/endpoint.ts'
import { readSubjects, splitStock } from '../../src/demo/city-data.ts'
import { loadBatch } from '../../src/demo/load-stock.ts'
import type { PartyClient } from '../../src/demo/party.ts'
import { type HallCity, openHallCity } from '../halls/hall-city.ts'

const subjects = (await readSubjects(cityDir)).filter(({ group }) => group === 'magic')
/** Who has an expected state, in the file's order. */
const magic = subjects.filter(({ expectState }) => expectState !== undefined)
/** Of whose papers the sealed document is false; there are none yet. */
const tampered = subjects.filter(({ tamper }) => tamper !== undefined)

let city: HallCity
beforeAll(async () => {
  city = await openHallCity({ mode: 'sandbox' })
  await loadPapers()
}, 180_000)
afterAll(() => city.close())

/** What stands in stock, pushed by its departments; the rest is behind the halls. */
const loadPapers = async (): Promise<void> => {
  for (const { issuerCode, papers } of await splitStock(cityDir, [...magic, ...tampered])) {
    const steward = stewards.get(issuerCode)
    if (papers.length === 0 || steward === undefined) continue
    const [pusher, releaser] = [partyOf(`${steward}-1`), partyOf(`${steward}-2`)]
    await loadBatch({ pusher, releaser }, { issuerCode, stock: [], papers })
  }
}

const stewards = new Map([
  ['113702990037000297', 'police-steward'],
  ['1137029900370007XA', 'market-steward'],
  ['11370299003700010A', 'social-security-steward'],
  ['11370299003700088A', 'food-drug-steward'],
  ['113702990037000965', 'health-steward'],
])

const partyOf = (clientId: string): PartyClient => {
  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: Json | Buffer) => {
    const { status, data, problem, text } = await city.ask(clientId, method, path, body)
    return { id: 0, status, data: data ?? problem ?? null, receipt: null, text }
  }
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    putNdjson: (path, lines) => ask('PUT', path, Buffer.from(`${lines.join('\n')}\n`)),
  }
}

type Place = {
  readonly item: string
  readonly material: string
  readonly facts?: Readonly<Record<string, string | boolean>>
}

const fund = { item: 'QD-GJJ-003', facts: { married: false, propertyStage: 'registered' } }
/** Where a type is asked for. */
const places: Readonly<Record<string, Place>> = {
  'GA-SFZ': { item: 'QD-RS-007', material: 'QD-RS-007-M01' },
  'RS-SBK': { item: 'QD-RS-007', material: 'QD-RS-007-M02' },
  'GA-JSZ': { item: 'QD-GA-006', material: 'QD-GA-006-M02' },
  'GA-HKB': { item: 'QD-TEST-HKB', material: 'QD-TEST-HKB-M01' },
  'GT-BDC': { ...fund, material: 'QD-GJJ-003-M03' },
  'GJJ-JCZM': { ...fund, material: 'QD-GJJ-003-M05' },
  'GS-YYZZ': { item: 'QD-YL-002', material: 'QD-YL-002-M02' },
}
const hallTypes: Readonly<Record<string, readonly string[]>> = {
  'housing-fund': ['GJJ-JCZM'],
  'police-vehicle': ['GA-JSZ'],
}

/** The types for which a subject answers as it says: one, those of its hall, or all that it can have. */
const typesOf = ({ expectFor, hallActs, idType }: (typeof magic)[number]): readonly string[] => {
  if (expectFor !== undefined) return [expectFor]
  const [act] = hallActs ?? []
  if (act !== undefined) return hallTypes[act.hall] ?? []
  return idType === '001' ? ['GS-YYZZ'] : ['GA-SFZ', 'RS-SBK', 'GA-JSZ', 'GT-BDC', 'GJJ-JCZM']
}

const answersOf = async (subject: (typeof magic)[number], type: string, licenceId?: string) => {
  const place = places[type]
  if (place === undefined) throw new Error(`no item asks for ${type}`)
  const { idType, id, name } = subject
  const registered = await city.ask('registrar-city', 'POST', '/v1/cases', {
    ...{ caseNo: randomUUID(), itemCode: place.item, channel: 'hall' },
    subject: { idType, id, name },
    facts: { ...place.facts },
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
  })
  expect(registered.status, registered.text).toBe(201)
  const { caseId } = z.object({ caseId: z.string() }).parse(registered.data)
  const code = place.material
  const wanted = licenceId === undefined ? { code } : { code, licenceId }
  const ask = (what: string, body: Json) =>
    city.ask('clerk-city', 'POST', `/v1/cases/${caseId}/${what}`, body)
  return {
    checked: stateIn(await ask('checks', { materials: [code] })),
    fetched: stateIn(await ask('fetches', { materials: [wanted], waitMs: 3000 })),
  }
}

const reply = z.object({ materials: z.array(z.looseObject({ state: z.string() })) })
const stateIn = ({ data, text }: Awaited<ReturnType<HallCity['ask']>>) => ({
  state: reply.parse(data).materials[0]?.state,
  hasContent: text.includes('sdJwt'),
})

/** No paper is opened before it is fetched. */
const fetchedAs = (state: string): string => (state === 'available' ? 'fetched' : state)

describe('in a sandbox with its halls', () => {
  const cases = magic.flatMap((subject) =>
    typesOf(subject).map((type) => ({
      ...{ subject, type, name: subject.name, state: subject.expectState ?? '' },
    })),
  )

  it('every kind of answer has a subject', () => {
    expect(new Set(cases.map(({ state }) => state))).toEqual(
      new Set([
        ...['available', 'not_found', 'source_down', 'revoked', 'expired', 'suspended'],
        ...['ambiguous', 'disputed', 'pending', 'forbidden'],
      ]),
    )
  })

  it.each(cases)('$name, $type: $state', { timeout: 40_000 }, async ({ subject, type, state }) => {
    const { checked, fetched } = await answersOf(subject, type)
    expect(checked).toEqual({ state, hasContent: false })
    expect(fetched).toEqual({ state: fetchedAs(state), hasContent: state === 'available' })
  })

  it.each(tampered)(
    '$name, whose sealed document would be false, has a sound paper',
    async (subject) => {
      const { checked, fetched } = await answersOf(subject, subject.expectFor ?? '')
      expect(checked).toEqual({ state: 'available', hasContent: false })
      expect(fetched).toEqual({ state: 'fetched', hasContent: true })
    },
  )

  it('a paper that somebody objects to, or that is sealed, stays so when a clerk names one', async () => {
    for (const [name, type, state] of [
      ['测试异议', 'GT-BDC', 'disputed'],
      ['测试封存', 'GJJ-JCZM', 'forbidden'],
    ] as const) {
      const subject = magic.find((each) => each.name === name)
      if (subject === undefined) throw new Error(`no ${name}`)
      const calls = await callsOfAll()
      const { fetched } = await answersOf(subject, type, randomUUID())
      expect(fetched).toEqual({ state, hasContent: false })
      expect(await callsOfAll()).toEqual(calls)
    }
  })
})

const callsOfAll = () => Promise.all(simulatedHallIds.map((hallId) => city.calls(hallId)))
