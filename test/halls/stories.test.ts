import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listDataQuality } from '../../src/halls/data-quality-store.ts'
import { listCaseEvents } from '../../src/halls/hall-event-store.ts'
import { loadDataKeys } from '../../src/store/data-keys.ts'
import { readKeyFile } from '../../src/store/key-file.ts'
import { dataFolder } from '../../src/config.ts'
import { readEventStream } from '../../src/cli/hall/read-event-stream.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { signRequest } from '../../src/client/sign-request.ts'
import { runCaptured } from '../cli/captured-io.ts'
import { subjects } from '../adapters/harness.ts'
import { eventually } from '../support/embedded.ts'
import { type HallCity, openHallCity } from './hall-city.ts'

let city: HallCity
beforeAll(async () => {
  city = await openHallCity()
}, 60_000)
afterEach(async () => {
  for (const hallId of ['housing-fund', 'police-vehicle', 'social-security', 'land'])
    await city.tell(hallId, 'up')
})
afterAll(async () => {
  await city.close()
})

const material = z.looseObject({
  code: z.string(),
  state: z.string(),
  reason: z.string(),
  messageZh: z.string(),
  next: z.string(),
  hall: z.string().optional(),
  since: z.string().optional(),
  retryAt: z.string().optional(),
  candidates: z
    .array(z.object({ licenceId: z.string(), numberTail: z.string(), issuedAt: z.string() }))
    .optional(),
  licence: z
    .looseObject({
      licenceId: z.string(),
      sdJwt: z.string(),
      attestedBy: z.string(),
      statusSource: z.string(),
      fields: z.record(z.string(), z.json()),
    })
    .optional(),
})
const reply = z.looseObject({
  fetchId: z.string().optional(),
  complete: z.boolean(),
  materials: z.array(material),
})

const subjectOf = (id: string) => {
  const found = subjects.find((subject) => subject.id === id)
  if (found === undefined) throw new Error(`no subject ${id}`)
  return { idType: '111', id, name: found.name }
}

const openCase = async (
  itemCode: string,
  id: string,
  facts: Readonly<Record<string, string | boolean>> = {},
): Promise<string> => {
  const { status, data } = await city.ask('registrar-city', 'POST', '/v1/cases', {
    caseNo: randomUUID(),
    itemCode,
    channel: 'hall',
    subject: subjectOf(id),
    facts,
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
  })
  expect(status).toBe(201)
  return z.object({ caseId: z.string() }).parse(data).caseId
}

const check = async (caseId: string) =>
  reply.parse((await city.ask('clerk-city', 'POST', `/v1/cases/${caseId}/checks`, {})).data)

const fetchMaterials = async (
  caseId: string,
  materials: readonly { readonly code: string; readonly licenceId?: string }[],
  waitMs = 8_000,
) => {
  const answer = await city.ask('clerk-city', 'POST', `/v1/cases/${caseId}/fetches`, {
    materials: materials.map((each) => ({ ...each })),
    waitMs,
  })
  return { ...answer, body: reply.parse(answer.data) }
}

const fund = 'QD-GJJ-003'
const fundFacts = { married: false, propertyStage: 'registered' }
const fundMaterials = ['QD-GJJ-003-M01', 'QD-GJJ-003-M03', 'QD-GJJ-003-M05'].map((code) => ({
  code,
}))
const by = (body: z.output<typeof reply>, code: string) => {
  const found = body.materials.find((each) => each.code === code)
  if (found === undefined) throw new Error(`no ${code}`)
  return found
}

describe('the halls behind a case', () => {
  it('give a check existence only, and a fetch content that the gateway attests', async () => {
    const caseId = await openCase(fund, '370299190001010013', fundFacts)
    const seen = await check(caseId)
    expect(by(seen, 'QD-GJJ-003-M05')).toMatchObject({ state: 'available', hall: 'housing-fund' })
    expect(JSON.stringify(seen)).not.toContain('sdJwt')
    const { status, body, text } = await fetchMaterials(caseId, fundMaterials)
    expect(status).toBe(200)
    expect(body.complete).toBe(true)
    for (const one of body.materials)
      expect(one).toMatchObject({ state: 'fetched', licence: { attestedBy: 'gateway' } })
    expect(Object.keys(by(body, 'QD-GJJ-003-M05').licence?.fields ?? {}).sort()).toEqual(
      ['name', 'accountNumber', 'accountStatus', 'paidThrough', 'balance'].sort(),
    )
    await expectVerified(text, by(body, 'QD-GJJ-003-M05').licence?.sdJwt ?? '')
  })

  it('answer by the deadline while one is silent; it is fetched when it recovers (stories 9, 10)', async () => {
    const caseId = await openCase(fund, '370299190001010013', fundFacts)
    await city.tell('housing-fund', 'hang')
    const startedMs = performance.now()
    const first = await fetchMaterials(caseId, fundMaterials, 2_500)
    expect(performance.now() - startedMs).toBeLessThan(2_600)
    expect(first.status).toBe(200)
    expect(first.body.complete).toBe(false)
    const down = by(first.body, 'QD-GJJ-003-M05')
    expect(down).toMatchObject({ state: 'source_down', hall: 'housing-fund', next: 'wait' })
    expect(Date.parse(down.since ?? '')).not.toBeNaN()
    expect(Date.parse(down.retryAt ?? '')).toBeGreaterThan(Date.parse(down.since ?? ''))
    expect(by(first.body, 'QD-GJJ-003-M01').state).toBe('fetched')
    expect(by(first.body, 'QD-GJJ-003-M03').state).toBe('fetched')
    await city.tell('housing-fund', 'up')
    await eventually(async () => {
      const events = await listCaseEvents(city.store.db, caseId)
      expect(events.map(({ kind }) => kind)).toEqual(['material.available'])
    })
    const again = await pollFetch(caseId, first.body.fetchId ?? '')
    expect(by(again, 'QD-GJJ-003-M05').state).toBe('fetched')
    expect(again.complete).toBe(true)
  }, 40_000)

  it('answer by 8.0 s for the subject whom a hall never answers (story 9)', async () => {
    const caseId = await openCase(fund, '37029919000101003X', fundFacts)
    const startedMs = performance.now()
    const { body } = await fetchMaterials(caseId, fundMaterials)
    expect(performance.now() - startedMs).toBeLessThan(8_000)
    expect(body.complete).toBe(false)
    expect(body.materials.map(({ state }) => state)).toEqual(['fetched', 'fetched', 'source_down'])
    const down = by(body, 'QD-GJJ-003-M05')
    expect(down.hall).toBe('housing-fund')
    expect(Date.parse(down.retryAt ?? '')).toBeGreaterThanOrEqual(Date.parse(down.since ?? ''))
  }, 20_000)

  it('complete an answer that was pending, and say the same ever after (story 11)', async () => {
    const startedMs = performance.now()
    const startedAt = Date.now()
    const household = await pendingHousehold()
    expect(household.first.status).toBe(202)
    expect(household.line).toMatchObject({ state: 'pending', next: 'wait' })
    const done = await eventually(async () => {
      const polled = await pollFetch(household.caseId, household.fetchId)
      expect(polled.complete).toBe(true)
      return polled
    })
    const tookMs = performance.now() - startedMs
    expect(tookMs).toBeGreaterThan(4_500)
    expect(done.materials[0]?.state).toBe('fetched')
    expect(await pollFetch(household.caseId, household.fetchId)).toEqual(done)
    const [event] = await listCaseEvents(city.store.db, household.caseId)
    expect(event).toMatchObject({
      kind: 'material.available',
      body: {
        caseId: household.caseId,
        materialCode: done.materials[0]?.code,
        hallId: done.materials[0]?.hall,
        state: 'collected',
      },
    })
    expect(Number(event?.createdAt) - startedAt).toBeLessThan(7_000)
  }, 40_000)

  it('offer two candidates until the window has chosen (story 12)', async () => {
    const caseId = await openCase(fund, '370299190001010099', fundFacts)
    const open = await fetchMaterials(caseId, [{ code: 'QD-GJJ-003-M03' }])
    const line = by(open.body, 'QD-GJJ-003-M03')
    expect(line.state).toBe('ambiguous')
    expect(line.candidates).toHaveLength(2)
    expect(open.text).not.toContain('sdJwt')
    const papers = line.candidates?.map(({ numberTail, issuedAt }) => `${numberTail} ${issuedAt}`)
    expect(new Set(papers).size).toBe(2)
    for (const { licenceId } of line.candidates ?? []) {
      const chosen = await fetchMaterials(caseId, [{ code: 'QD-GJJ-003-M03', licenceId }])
      expect(by(chosen.body, 'QD-GJJ-003-M03')).toMatchObject({
        state: 'fetched',
        licence: { licenceId },
      })
    }
    for (const { licenceId } of line.candidates ?? []) {
      const path = `/v1/cases/${caseId}/licences/${licenceId}`
      const again = await city.ask('clerk-city', 'GET', path)
      expect(again.status).toBe(200)
      expect(again.data).toMatchObject({ licenceId, state: 'fetched' })
    }
  })

  it('give one fetched paper again by its id, ask nobody for another id, and fail with a code', async () => {
    const caseId = await openCase(fund, '370299190001010013', fundFacts)
    const { body } = await fetchMaterials(caseId, [{ code: 'QD-GJJ-003-M05' }])
    const licence = by(body, 'QD-GJJ-003-M05').licence
    const read = (id: string, licenceId = '') =>
      city.ask('clerk-city', 'GET', `/v1/cases/${id}/licences/${licenceId}`)
    const again = await read(caseId, licence?.licenceId)
    expect(again.status).toBe(200)
    expect(again.data).toMatchObject({
      licenceId: licence?.licenceId,
      state: 'fetched',
      attestedBy: 'gateway',
      fields: licence?.fields,
    })
    const before = await city.calls('housing-fund')
    const other = await openCase(fund, '370299190001010013', fundFacts)
    expect((await read(other, licence?.licenceId)).status).toBe(404)
    expect((await read(caseId, randomUUID())).status).toBe(404)
    expect(await city.calls('housing-fund')).toBe(before)
    await city.tell('housing-fund', 'down')
    const down = await read(caseId, licence?.licenceId)
    expect(down.status).toBe(503)
    expect(down.text).toContain('hall_unavailable')
  })

  it('tell not found from not connected, and open one row for the department (story 13)', async () => {
    const caseId = await openCase(fund, '370299190001010021', { ...fundFacts, married: true })
    const seen = await check(caseId)
    const absent = by(seen, 'QD-GJJ-003-M05')
    const unconnected = by(seen, 'QD-GJJ-003-M06')
    expect([absent.state, unconnected.state]).toEqual(['not_found', 'not_connected'])
    expect(absent.messageZh).not.toBe(unconnected.messageZh)
    const keys = loadDataKeys(await readKeyFile(dataFolder(city.dataDir).dataKeys))
    await eventually(async () => {
      const rows = await listDataQuality({ db: city.store.db, keys }, '11370299003700061J')
      expect(rows.filter((row) => row.caseId === caseId)).toMatchObject([
        { kind: 'stock_gap', hallId: 'housing-fund', holder: { id: '370299190001010021' } },
      ])
    })
  })

  it.each([
    ['370299190001010064', 'expired'],
    ['370299190001010056', 'revoked'],
    ['370299190001010072', 'suspended'],
  ])(
    'say of %s’s driving licence that it is %s, and give no content (story 14)',
    async (id, state) => {
      const caseId = await openCase('QD-GA-006', id, { migrant: false })
      const { body, text } = await fetchMaterials(caseId, [{ code: 'QD-GA-006-M02' }])
      expect(by(body, 'QD-GA-006-M02').state).toBe(state)
      expect(text).not.toContain('sdJwt')
    },
  )

  it('tell nothing of a paper under another name: absence in every byte', async () => {
    const lines = []
    for (const id of ['370299190001010080', '370299190001010021']) {
      const caseId = await openCase(fund, id, fundFacts)
      const seen = await check(caseId)
      lines.push(seen.materials)
    }
    expect(lines[0]).toEqual(lines[1])
  })

  it('do not say why a sealed record is withheld', async () => {
    const caseId = await openCase(fund, '370299190001010144', fundFacts)
    const { body } = await fetchMaterials(caseId, fundMaterials)
    for (const one of body.materials) {
      expect(one.state).toBe('forbidden')
      expect(JSON.stringify(one)).not.toMatch(/seal|封存/)
    }
  })

  it('turn red one by one, are spared while they are, and green after a real success (story 16)', async () => {
    await city.tell('police-vehicle', 'refuse', { status: 503 })
    const vehicle = [{ code: 'QD-GA-006-M02' }]
    const caseId = await openCase('QD-GA-006', '370299190001010013', { migrant: false })
    for (let count = 0; count < 5; count += 1) await fetchMaterials(caseId, vehicle)
    expect(await colourOf('police-vehicle')).toBe('red')
    const before = await city.calls('police-vehicle')
    const startedMs = performance.now()
    for (let count = 0; count < 3; count += 1) await fetchMaterials(caseId, vehicle)
    expect(await city.calls('police-vehicle')).toBe(before)
    const other = await openCase(fund, '370299190001010013', fundFacts)
    expect((await fetchMaterials(other, fundMaterials)).body.complete).toBe(true)
    expect((await check(other)).materials.map(({ state }) => state)).not.toContain('source_down')
    await sleep(Math.max(0, 9_000 - (performance.now() - startedMs)))
    expect((await city.calls('police-vehicle')) - before).toBeLessThanOrEqual(1)
    await city.tell('police-vehicle', 'up')
    const clearedMs = performance.now()
    const clearedAt = Date.now()
    await eventually(async () => {
      expect(await colourOf('police-vehicle')).toBe('green')
    })
    expect(performance.now() - clearedMs).toBeLessThan(15_000)
    expect(Date.parse((await hallOf('police-vehicle')).lastSuccessAt ?? '')).toBeGreaterThan(
      clearedAt,
    )
    await eventually(async () => {
      const { rows } = await city.store.pool.query<{ action: string }>(
        `select action from ledger_event where action in ('hall.down', 'hall.recovered') order by at`,
      )
      const actions = rows.map(({ action }) => action)
      expect(actions).toContain('hall.down')
      expect(actions.at(-1)).toBe('hall.recovered')
    })
  }, 60_000)

  it('show themselves on a stream whose first event is an answer with its receipt', async () => {
    const path = '/v1/halls'
    const key = await readKeyFolder(join(dataFolder(city.dataDir).clients, 'supervisor-1'))
    const signed = await signRequest(
      { key, now: new Date(), randomBytes },
      { method: 'GET', url: `${city.publicUrl}${path}` },
    )
    const gone = new AbortController()
    const response = await fetch(`${city.url()}${path}`, {
      headers: { ...signed.headers, accept: 'text/event-stream' },
      signal: gone.signal,
    })
    const events = readEventStream(response)
    const first = await events.next()
    expect(first.value).toMatchObject({ event: 'answer' })
    const shown = z.object({ data: z.array(z.object({ colour: z.string() })), receipt: z.json() })
    expect(shown.parse(JSON.parse(first.value?.data ?? '')).data).toHaveLength(5)
    await check(await openCase(fund, '370299190001010013', fundFacts))
    expect((await events.next()).value).toMatchObject({ event: 'halls' })
    gone.abort()
  })

  it('complete after a restart what was pending before it', async () => {
    const household = await pendingHousehold()
    await city.restart()
    const done = await eventually(async () => {
      const polled = await pollFetch(household.caseId, household.fetchId)
      expect(polled.complete).toBe(true)
      return polled
    })
    expect(done.materials[0]?.state).toBe('fetched')
  }, 40_000)
})

const hallOf = async (hallId: string) => {
  const { data } = await city.ask('supervisor-1', 'GET', `/v1/halls/${hallId}`)
  return z.object({ colour: z.string(), lastSuccessAt: z.string().nullable() }).parse(data)
}

const colourOf = async (hallId: string): Promise<string> => (await hallOf(hallId)).colour

const pollFetch = async (caseId: string, fetchId: string) => {
  const { status, data } = await city.ask(
    'clerk-city',
    'GET',
    `/v1/cases/${caseId}/fetches/${fetchId}`,
  )
  expect(status).toBe(200)
  return reply.parse(data)
}

/** The household register of somebody whose question the police take in and answer after 5 s. */
const pendingHousehold = async () => {
  const code = 'QD-TEST-HKB-M01'
  const caseId = await openCase('QD-TEST-HKB', '370299190001010136')
  const first = await fetchMaterials(caseId, [{ code }])
  return { caseId, first, fetchId: first.body.fetchId ?? '', line: by(first.body, code) }
}

const expectVerified = async (answer: string, sdJwt: string): Promise<void> => {
  const trust = dataFolder(city.dataDir).trust
  for (const [name, text] of [
    ['answer.json', answer],
    ['licence.txt', sdJwt],
  ] as const) {
    const file = join(city.dataDir, name)
    await writeFile(file, text)
    const verify = ['verify', file, '--json', '--offline', '--trust', trust]
    const { code, out } = await runCaptured(verify, { workingDir: city.dataDir })
    expect(code, out).toBe(0)
    expect(out).toMatch(/"attestedBy":\s*"gateway"/)
  }
}
