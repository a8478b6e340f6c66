import { beforeEach, describe, expect, it } from 'vitest'
import type { CaseRegistration } from '../../src/cases/case-file.ts'
import { checkMaterials } from '../../src/cases/check-materials.ts'
import { fetchMaterials } from '../../src/cases/fetch-materials.ts'
import { getCaseLicence } from '../../src/cases/get-case-licence.ts'
import { registerCase } from '../../src/cases/register-case.ts'
import { type SearchInput, searchLicences } from '../../src/cases/search-licences.ts'
import type { Caller } from '../../src/contract/caller.ts'
import { asId } from '../../src/contract/ids.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import { aMaterial, anItem } from '../support/catalogue.ts'
import { aLicence } from '../support/licence.ts'
import { aRegistration, caseIdIn, clerk, openCaseRoom, otherClerk, registrar } from './case-room.ts'

const store = await testStore()
const room = await openCaseRoom(store)
let count = 0

const openCase = async (
  caller: Caller,
  changes: Partial<CaseRegistration> = {},
): Promise<string> => {
  count += 1
  const body = aRegistration({ caseNo: `F-${String(count)}`, ...changes })
  return caseIdIn(await inTransaction(store, (tx) => registerCase(room, tx, caller, body)))
}

const second = aLicence({ licenceId: asId('0190b8f0-0000-7000-8000-000000000002') })
const wanted = [{ code: 'M1' }]

beforeEach(() => {
  room.stock.splice(0, Infinity, aLicence())
  room.presented.length = 0
  room.asked.length = 0
})

describe('checkMaterials', () => {
  it('tells existence and nothing of the content', async () => {
    const { data, deed } = await checkMaterials(room, clerk, { caseId: await openCase(registrar) })
    expect(data).toMatchObject({ complete: true, materials: [{ code: 'M1', state: 'available' }] })
    expect(JSON.stringify(data)).not.toContain(aLicence().licenceId)
    expect(room.presented).toEqual([])
    expect(deed).toMatchObject({ action: 'case.check', assurance: 'registered' })
    expect(deed.licences).toBeUndefined()
  })

  it('refuses a material that the item does not have, and names its place', async () => {
    const caseId = await openCase(registrar)
    await expect(
      checkMaterials(room, clerk, { caseId, materials: ['M1', 'M9'] }),
    ).rejects.toMatchObject({
      code: 'item_does_not_need_type',
      errors: [{ pointer: '/materials/1' }],
    })
  })
})

describe('checkMaterials of a third party’s paper', () => {
  const item = anItem({ materials: [aMaterial({ role: 'landlord' })] })
  const rented = { ...room, findItem: async () => item, getItem: async () => item }
  const landlord = { role: 'landlord', idType: '111', id: '370299190001010099', name: '测试两证' }
  const open = async (changes: Partial<CaseRegistration> = {}): Promise<string> =>
    openCase(registrar, { relatedSubjects: [landlord], ...changes })
  const check = async (caseId: string, number?: string) => {
    const matches =
      number === undefined ? {} : { matches: [{ code: 'M1', number, address: '某路1号' }] }
    return (await checkMaterials(rented, clerk, { caseId, ...matches })).data
  }

  it('asks for consent and does not even look, with or without such a paper', async () => {
    expect(await check(await open())).toMatchObject({ materials: [{ state: 'consent_required' }] })
    expect(room.asked).toEqual([])
  })

  it('answers match or, just as for absence, not found', async () => {
    const caseId = await open()
    expect(await check(caseId, 'right')).toMatchObject({
      materials: [{ state: 'available', reason: 'matched', validTo: null, trustLevel: null }],
    })
    const mismatch = await check(caseId, 'wrong')
    room.stock.length = 0
    const absence = await check(caseId, 'right')
    expect({ ...Object(mismatch), checkId: '' }).toEqual({ ...Object(absence), checkId: '' })
  })

  it.each(['sealed', 'disputed'] as const)('does not match while it is %s', async (hold) => {
    const held = { ...rented, findHold: async () => hold }
    const matches = [{ code: 'M1', number: 'right', address: '某路1号' }]
    const caseId = await open()
    const inHold = (await checkMaterials(held, clerk, { caseId, matches })).data
    room.stock.length = 0
    const absence = (await checkMaterials(held, clerk, { caseId, matches })).data
    expect(inHold).toMatchObject({ materials: [{ state: 'not_found', reason: 'no_record' }] })
    expect({ ...Object(inHold), checkId: '' }).toEqual({ ...Object(absence), checkId: '' })
  })

  it('never fetches its content on a match alone', async () => {
    const caseId = await open()
    const { data } = await fetchMaterials(rented, clerk, { caseId, materials: wanted })
    expect(data).toMatchObject({ materials: [{ state: 'consent_required' }] })
    expect(room.presented).toEqual([])
  })

  it('is open once the case holds the consent for that role', async () => {
    const caseId = await open({ consents: [{ role: 'landlord', evidenceNo: 'TY-2018-1' }] })
    const { data } = await fetchMaterials(rented, clerk, { caseId, materials: wanted })
    expect(data).toMatchObject({ materials: [{ state: 'fetched' }] })
    expect(room.asked).toEqual([landlord.id])
  })
})

describe('fetchMaterials', () => {
  it('discloses the material’s fields and records exactly them', async () => {
    const caseId = await openCase(registrar)
    const { data, deed } = await fetchMaterials(room, clerk, { caseId, materials: wanted })
    expect(data).toMatchObject({
      complete: true,
      materials: [{ state: 'fetched', licence: { fields: { name: '…', citizenId: '…' } } }],
    })
    expect(deed).toMatchObject({
      decision: 'allowed',
      licences: [{ licenceId: aLicence().licenceId, fields: ['name', 'citizenId'] }],
    })
  })

  it('gives no content to a case that the fetching system opened itself', async () => {
    const caseId = await openCase(clerk)
    await expect(fetchMaterials(room, clerk, { caseId, materials: wanted })).rejects.toMatchObject({
      code: 'assurance_too_low',
    })
    await expect(
      getCaseLicence(room, clerk, { caseId, licenceId: aLicence().licenceId, requestId: '' }),
    ).rejects.toMatchObject({ code: 'assurance_too_low' })
    expect(room.presented).toEqual([])
  })

  it('offers candidates until the window has chosen one of them', async () => {
    room.stock.push(second)
    const caseId = await openCase(registrar)
    const open = await fetchMaterials(room, clerk, { caseId, materials: wanted })
    expect(open.data).toMatchObject({
      complete: false,
      materials: [{ state: 'ambiguous', candidates: [{ numberTail: '0013' }, {}] }],
    })
    expect(room.presented).toEqual([])
    const materials = [{ code: 'M1', licenceId: second.licenceId }]
    const chosen = await fetchMaterials(room, clerk, { caseId, materials })
    expect(chosen.data).toMatchObject({ complete: true, materials: [{ state: 'fetched' }] })
    expect(room.presented).toEqual([second.licenceId])
  })

  it('finds nothing under an id that is not among the candidates', async () => {
    const caseId = await openCase(registrar)
    const materials = [{ code: 'M1', licenceId: second.licenceId }]
    const { data } = await fetchMaterials(room, clerk, { caseId, materials })
    expect(data).toMatchObject({ materials: [{ state: 'not_found', reason: 'no_record' }] })
    expect(room.presented).toEqual([])
  })

  it.each(['revoked', 'suspended', 'cancelled', 'changed', 'void_error'] as const)(
    'never returns the content of a licence that is %s',
    async (status) => {
      room.stock.splice(0, Infinity, aLicence({ status }))
      const caseId = await openCase(registrar)
      const { deed } = await fetchMaterials(room, clerk, { caseId, materials: wanted })
      expect(deed.decision).toBe('partial')
      expect(room.presented).toEqual([])
    },
  )

  it('is not open to another clerk system, nor after the end of the case', async () => {
    const caseId = await openCase(registrar)
    await expect(
      fetchMaterials(room, otherClerk, { caseId, materials: wanted }),
    ).rejects.toMatchObject({ code: 'case_not_found' })
    const late = { ...room, clock: { ...room.clock, now: () => new Date('2027-03-01') } }
    await expect(fetchMaterials(late, clerk, { caseId, materials: wanted })).rejects.toMatchObject({
      code: 'case_closed',
    })
  })
})

describe('searchLicences', () => {
  const typeCode = aLicence().typeCode
  const holder = { idType: '111', id: '370299190001010013', name: '测试齐全' }

  it('finds the licences of a person of the case, without their content', async () => {
    const caseId = await openCase(registrar)
    const { data } = await searchLicences(room, clerk, { caseId, holder, typeCode })
    expect(data).toMatchObject({
      licences: [{ licenceId: aLicence().licenceId, state: 'available' }],
    })
    expect(room.presented).toEqual([])
  })

  it.each([
    ['case_required', { caseId: undefined }],
    ['item_does_not_need_type', { typeCode: '113702990037000372005' }],
    ['licence_not_found', { holder: { ...holder, id: '370299190001010099' } }],
  ] as [string, Partial<SearchInput>][])('refuses with %s: %j', async (code, changes) => {
    const caseId = await openCase(registrar)
    const input = { caseId, holder, typeCode, ...changes }
    await expect(searchLicences(room, clerk, input)).rejects.toMatchObject({ code })
  })

  it('answers absence and a stranger to the case alike', async () => {
    const caseId = await openCase(registrar)
    room.stock.length = 0
    await expect(searchLicences(room, clerk, { caseId, holder, typeCode })).rejects.toMatchObject({
      code: 'licence_not_found',
    })
  })

  it('is not open to a self-opened case', async () => {
    const caseId = await openCase(clerk)
    await expect(searchLicences(room, clerk, { caseId, holder, typeCode })).rejects.toMatchObject({
      code: 'assurance_too_low',
    })
  })
})

describe('getCaseLicence', () => {
  it('asks for a case first, whether or not the licence exists', async () => {
    for (const licenceId of [aLicence().licenceId, second.licenceId, 'nonsense']) {
      await expect(
        getCaseLicence(room, clerk, { caseId: undefined, licenceId, requestId: '' }),
      ).rejects.toMatchObject({ code: 'case_required', status: 412 })
    }
    expect(room.asked).toEqual([])
  })

  it('does not find a licence to which the case does not lead', async () => {
    const caseId = await openCase(registrar)
    await expect(
      getCaseLicence(room, clerk, { caseId, licenceId: second.licenceId, requestId: '' }),
    ).rejects.toMatchObject({ code: 'licence_not_found' })
  })

  it('names the state of an ended licence without its content', async () => {
    room.stock.splice(0, Infinity, aLicence({ status: 'revoked' }))
    const caseId = await openCase(registrar)
    const { data } = await getCaseLicence(room, clerk, {
      requestId: '',
      caseId,
      licenceId: aLicence().licenceId,
    })
    expect(data).toMatchObject({ state: 'revoked', status: 'revoked' })
    expect(JSON.stringify(data)).not.toContain('sdJwt')
    expect(room.presented).toEqual([])
  })
})
