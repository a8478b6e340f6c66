import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listCaseEvents } from '../../src/halls/hall-event-store.ts'
import { subjects } from '../adapters/harness.ts'
import { eventually } from '../support/embedded.ts'
import { type HallCity, openHallCity } from './hall-city.ts'

const hall = 'police-vehicle'
const drivingLicence = '113702990037000372005'
const itemCode = 'QD-GA-006'
const materials = [{ code: 'QD-GA-006-M02' }]
const waitMs = 6000
let city: HallCity

beforeAll(async () => {
  city = await openHallCity({ halls: [hall] })
}, 60_000)
afterEach(() => city.tell(hall, 'up'))
afterAll(() => city.close())

const openCase = async (): Promise<string> => {
  const id = '370299190001010013'
  const name = subjects.find((subject) => subject.id === id)?.name ?? ''
  const { status, text, data } = await city.ask('registrar-city', 'POST', '/v1/cases', {
    caseNo: randomUUID(),
    itemCode,
    channel: 'hall',
    subject: { idType: '111', id, name },
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
  })
  expect(status, text).toBe(201)
  return z.object({ caseId: z.string() }).parse(data).caseId
}

/** Asks for the driving licence at a hall that takes its time, and acts while it does. */
const whileTheHallThinks = async (caseId: string, act: () => Promise<void>) => {
  await city.tell(hall, 'slow', { ms: 2500 })
  const calls = await city.calls(hall)
  const path = `/v1/cases/${caseId}/fetches`
  const asked = city.ask('clerk-city', 'POST', path, { materials, waitMs })
  while ((await city.calls(hall)) === calls) await sleep(20)
  await act()
  const answer = await asked
  expect(answer.text).not.toContain('sdJwt')
  return answer
}

const must = async (...request: Parameters<HallCity['ask']>): Promise<unknown> => {
  const { status, text, data } = await city.ask(...request)
  expect(status, text).toBeLessThan(300)
  return data
}

const materialsIn = (data: unknown) =>
  z
    .object({ materials: z.array(z.looseObject({ code: z.string(), state: z.string() })) })
    .parse(data).materials

describe('while a fetch waits for a hall', () => {
  it('nothing happens, and it gets the content', async () => {
    const caseId = await openCase()
    await city.tell(hall, 'slow', { ms: 800 })
    const path = `/v1/cases/${caseId}/fetches`
    const fetched = await must('clerk-city', 'POST', path, { materials, waitMs })
    expect(materialsIn(fetched)).toMatchObject([{ state: 'fetched' }])
  }, 30_000)

  it('its operator is suspended, and it gets nothing', async () => {
    const path = '/v1/operators/clerk-city-001'
    const answer = await whileTheHallThinks(await openCase(), async () => {
      await must('admin-1', 'POST', `${path}/suspend`, { reason: '离岗' })
    })
    expect(answer.problem).toMatchObject({ code: 'operator_suspended' })
    await must('admin-1', 'POST', `${path}/resume`, { reason: '返岗' })
    await sleep(1000)
  }, 30_000)

  it('its case is closed, and it gets nothing', async () => {
    const caseId = await openCase()
    const answer = await whileTheHallThinks(caseId, async () => {
      await must('registrar-city', 'POST', `/v1/cases/${caseId}/close`, { outcome: 'withdrawn' })
    })
    expect(answer.problem).toMatchObject({ code: 'case_closed' })
  }, 30_000)

  it('its grant is revoked, and it gets nothing, nor what had been pending before', async () => {
    const before = await openCase()
    await city.tell(hall, 'late', { ms: 4000 })
    const pending = await must('clerk-city', 'POST', `/v1/cases/${before}/fetches`, { materials })
    expect(materialsIn(pending)).toMatchObject([{ state: 'pending' }])
    const { fetchId } = z.object({ fetchId: z.string() }).parse(pending)
    const caseId = await openCase()
    const revoke = async (): Promise<void> => {
      const found = await must('admin-1', 'GET', '/v1/grants?client=clerk-city&limit=200')
      const grants = z.array(
        z.looseObject({ grantId: z.string(), typeCode: z.string(), itemCode: z.string() }),
      )
      const mine = z
        .object({ grants })
        .parse(found)
        .grants.find(
          (grant) =>
            grant.typeCode === drivingLicence &&
            grant.itemCode === itemCode &&
            grant['status'] === 'active',
        )
      const path = `/v1/grants/${mine?.grantId ?? ''}/revoke`
      await must('police-traffic-steward-1', 'POST', path, { reason: '用途不符' })
    }
    const answer = await whileTheHallThinks(caseId, revoke)
    expect(materialsIn(answer.data)).toMatchObject([{ state: 'forbidden', reason: 'no_grant' }])
    expect(answer.text).not.toContain('licenceId')
    await city.tell(hall, 'up')
    await eventually(async () => {
      expect(await listCaseEvents(city.store.db, before)).toHaveLength(1)
    })
    const late = await city.ask('clerk-city', 'GET', `/v1/cases/${before}/fetches/${fetchId}`)
    expect(materialsIn(late.data)).toMatchObject([{ state: 'forbidden', reason: 'no_grant' }])
    expect(late.text).not.toMatch(/sdJwt|licenceId|candidates/)
  }, 60_000)
})
