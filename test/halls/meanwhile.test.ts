import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../src/contract/endpoint.ts'
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

type Asking = { readonly what?: string; readonly body?: Json; readonly ms?: number }

/** Asks for the driving licence at a hall that takes its time, and acts while it does. */
const whileTheHallThinks = async (
  caseId: string,
  act: () => Promise<void>,
  { what = 'fetches', body = { materials, waitMs }, ms = 2500 }: Asking = {},
) => {
  await city.tell(hall, 'slow', { ms })
  const calls = await city.calls(hall)
  const asked = city.ask('clerk-city', 'POST', `/v1/cases/${caseId}/${what}`, body)
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

const grantId = async (): Promise<string | undefined> => {
  const found = await must('admin-1', 'GET', '/v1/grants?client=clerk-city&limit=200')
  const grant = z.object({
    grantId: z.string(),
    typeCode: z.string(),
    itemCode: z.string(),
    status: z.string(),
  })
  return z
    .object({ grants: z.array(grant) })
    .parse(found)
    .grants.find(
      (each) =>
        each.typeCode === drivingLicence && each.itemCode === itemCode && each.status === 'active',
    )?.grantId
}

const revokeGrant = async (): Promise<void> => {
  const path = `/v1/grants/${(await grantId()) ?? ''}/revoke`
  await must('police-traffic-steward-1', 'POST', path, { reason: '用途不符' })
}

const grantAgain = async (): Promise<void> => {
  if ((await grantId()) !== undefined) return
  const proposal = { clientId: 'clerk-city', typeCode: drivingLicence, itemCode }
  const legalBasis = '《居住证暂行条例》'
  const proposed = await must('clerk-city', 'POST', '/v1/grants', { ...proposal, legalBasis })
  const { grantId: fresh } = z.object({ grantId: z.string() }).parse(proposed)
  await must('police-traffic-steward-1', 'POST', `/v1/grants/${fresh}/approve`, {})
  await sleep(1000)
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
    const answer = await whileTheHallThinks(caseId, revokeGrant)
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

describe('while a check waits for a hall', () => {
  const check = { what: 'checks', body: { materials: ['QD-GA-006-M02'] }, ms: 1200 }

  it('its grant is revoked, and it is not told whether there is such a paper', async () => {
    await grantAgain()
    const caseId = await openCase()
    const answer = await whileTheHallThinks(caseId, revokeGrant, check)
    expect(materialsIn(answer.data)).toMatchObject([
      { state: 'forbidden', reason: 'no_grant', validTo: null },
    ])
  }, 30_000)

  it('its case is closed, and it is told nothing', async () => {
    const caseId = await openCase()
    await grantAgain()
    const answer = await whileTheHallThinks(
      caseId,
      async () => {
        await must('registrar-city', 'POST', `/v1/cases/${caseId}/close`, { outcome: 'withdrawn' })
      },
      check,
    )
    expect(answer.problem).toMatchObject({ code: 'case_closed' })
  }, 30_000)
})
