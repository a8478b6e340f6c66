import { describe, expect, it } from 'vitest'
import type { CasePeople } from '../../src/cases/case-file.ts'
import { ownersOf } from '../../src/cases/owners-of.ts'
import { asId } from '../../src/contract/ids.ts'

const firm = { idType: '001', id: '91370299MA99900191', name: '青岛测试齐全宾馆有限公司' }
const boss = { idType: '111', id: '370299190001010013', name: '测试齐全' }
const landlord = { idType: '111', id: '370299190001010099', name: '测试两证' }

const people = (changes: Partial<CasePeople> = {}): CasePeople => ({
  subject: firm,
  relatedSubjects: [
    { role: 'legal_representative', ...boss },
    { role: 'employee', ...boss },
    { role: 'landlord', ...landlord },
    { role: 'property_owner', ...firm },
  ],
  facts: {},
  consents: [],
  operatorId: asId('clerk-city-001'),
  operatorName: '孙晓琳',
  ...changes,
})

describe('ownersOf', () => {
  it('counts the legal representative as the applicant, in whatever role that person stands', () => {
    expect(ownersOf('legal_representative', people()).mayBeSeen).toBe(true)
    expect(ownersOf('employee', people()).mayBeSeen).toBe(true)
    expect(ownersOf('property_owner', people()).mayBeSeen).toBe(true)
  })

  it('needs the consent of a third party, for that very role', () => {
    expect(ownersOf('landlord', people()).mayBeSeen).toBe(false)
    const elsewhere = people({ consents: [{ role: 'spouse', evidenceNo: 'TY-1' }] })
    expect(ownersOf('landlord', elsewhere).mayBeSeen).toBe(false)
    const consented = people({ consents: [{ role: 'landlord', evidenceNo: 'TY-1' }] })
    expect(ownersOf('landlord', consented).mayBeSeen).toBe(true)
  })

  it('does not take a namesake with another code for the applicant', () => {
    const impostor = people({
      relatedSubjects: [{ role: 'employee', ...boss, id: '370299190001010021' }],
    })
    expect(ownersOf('employee', impostor).mayBeSeen).toBe(false)
  })

  it('knows no owner for a role that the case does not name', () => {
    expect(ownersOf('spouse', people())).toEqual({ owners: [], ownerKnown: false, mayBeSeen: true })
  })
})
