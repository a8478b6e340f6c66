import { describe, expect, it } from 'vitest'
import { describeMaterial } from '../../src/cases/describe-material.ts'
import { judgeMaterial, type MaterialFacts } from '../../src/cases/judge-material.ts'
import { materialStates, nextSteps } from '../../src/cases/material-state.ts'
import { asId } from '../../src/contract/ids.ts'
import { aMaterial } from '../support/catalogue.ts'
import { aLicence } from '../support/licence.ts'

const today = '2018-11-30'

const facts = (changes: Partial<MaterialFacts> = {}): MaterialFacts => ({
  material: aMaterial(),
  needed: true,
  granted: true,
  ownerKnown: true,
  mayBeSeen: true,
  licences: [],
  ...changes,
})

const stateOf = (changes: Partial<MaterialFacts>): string => {
  const { state, reason } = judgeMaterial(facts(changes), today)
  return `${state} ${reason}`
}

const other = asId<never>('0190b8f0-0000-7000-8000-000000000002')

describe('judgeMaterial', () => {
  it('needs nothing that the facts of the case rule out, whatever else is true', () => {
    expect(stateOf({ needed: false, granted: false })).toBe('not_needed condition_not_met')
  })

  it('tells what the applicant makes from what no connected source issues', () => {
    expect(stateOf({ material: aMaterial({ source: 'self', typeCode: null }) })).toBe(
      'self_supplied made_by_applicant',
    )
    expect(stateOf({ material: aMaterial({ source: 'gov:fire', typeCode: null }) })).toBe(
      'not_connected source_not_connected',
    )
  })

  it('says nothing of a licence without a grant, an owner or a third party’s consent', () => {
    const licences = [aLicence()]
    expect(stateOf({ granted: false, licences })).toBe('forbidden no_grant')
    expect(stateOf({ ownerKnown: false, licences })).toBe('not_found related_subject_missing')
    expect(stateOf({ mayBeSeen: false, licences })).toBe('consent_required third_party')
    expect(judgeMaterial(facts({ mayBeSeen: false, licences }), today).licences).toEqual([])
  })

  it('finds the one that can be used beside others that cannot', () => {
    const expired = aLicence({ licenceId: other, validTo: '2017-01-01' })
    const judged = judgeMaterial(facts({ licences: [expired, aLicence()] }), today)
    expect(judged.state).toBe('available')
    expect(judged.licences).toEqual([aLicence()])
  })

  it('leaves the choice between two valid ones to the window', () => {
    expect(stateOf({ licences: [aLicence(), aLicence({ licenceId: other })] })).toBe(
      'ambiguous several_valid',
    )
  })

  it.each([
    [{ validTo: '2018-11-29' }, 'expired past_valid_to'],
    [{ validTo: '2018-11-30' }, 'available in_stock'],
    [{ validFrom: '2018-12-01' }, 'not_found not_yet_active'],
    [{ status: 'suspended' }, 'suspended status_suspended'],
    [{ status: 'revoked' }, 'revoked status_revoked'],
    [{ status: 'cancelled' }, 'revoked status_cancelled'],
    [{ status: 'void_error' }, 'revoked status_void_error'],
    [{ status: 'changed' }, 'not_found superseded'],
    [{ status: 'transferred_out' }, 'not_found transferred_out'],
  ] as const)('judges %j as %s', (changes, expected) => {
    expect(stateOf({ licences: [aLicence(changes)] })).toBe(expected)
  })

  it('has no record when nothing is found', () => {
    expect(stateOf({})).toBe('not_found no_record')
  })
})

describe('describeMaterial', () => {
  const judgements = [
    facts({ needed: false }),
    facts({ material: aMaterial({ source: 'self', typeCode: null, why: '申请人自行绘制' }) }),
    facts({ material: aMaterial({ source: 'gov:fire', typeCode: null, commitment: true }) }),
    facts({ granted: false }),
    facts({ ownerKnown: false }),
    facts({ mayBeSeen: false }),
    facts(),
    facts({ licences: [aLicence(), aLicence({ licenceId: other })] }),
    ...(
      [
        'active',
        'suspended',
        'revoked',
        'cancelled',
        'void_error',
        'changed',
        'transferred_out',
      ] as const
    ).map((status) => facts({ licences: [aLicence({ status })] })),
    facts({ licences: [aLicence({ validTo: '2018-01-01' })] }),
    facts({ licences: [aLicence({ validFrom: '2019-01-01' })] }),
  ]

  it('has a Chinese sentence and a next step for every state that stock can produce', () => {
    for (const given of judgements) {
      const judgement = judgeMaterial(given, today)
      const { messageZh, next } = describeMaterial(given.material, judgement)
      expect(materialStates).toContain(judgement.state)
      expect(nextSteps).toContain(next)
      expect(messageZh).toMatch(/^[^a-z]*居民身份证[^a-z]*。$/)
    }
  })

  it('tells not connected from not found in different words, and offers the commitment', () => {
    const fire = aMaterial({ source: 'gov:fire', typeCode: null, commitment: true })
    const notConnected = describeMaterial(fire, judgeMaterial(facts({ material: fire }), today))
    const notFound = describeMaterial(fire, judgeMaterial(facts(), today))
    expect(notConnected.messageZh).not.toBe(notFound.messageZh)
    expect(notConnected.next).toBe('commit')
    expect(notFound.next).toBe('bring_original')
  })
})
