import { describe, expect, it } from 'vitest'
import type { StoredStatus } from '../../src/licences/licence.ts'
import { licenceState } from '../../src/licences/licence-state.ts'

const state = (status: StoredStatus, validFrom: string, validTo: string | null) =>
  licenceState({ status, validFrom, validTo }, '2018-11-30')

describe('the state of a licence on a city day', () => {
  it('follows from the dates while it is active', () => {
    expect(state('active', '2018-11-30', null)).toBe('active')
    expect(state('active', '2018-12-01', null)).toBe('not_yet_active')
    expect(state('active', '2018-01-01', '2018-11-30')).toBe('active')
    expect(state('active', '2018-01-01', '2018-11-29')).toBe('expired')
  })

  it('is expired rather than suspended once it has run out', () => {
    expect(state('suspended', '2018-01-01', '2018-11-29')).toBe('expired')
    expect(state('suspended', '2018-01-01', '2018-12-31')).toBe('suspended')
  })

  it('keeps an end that the department declared', () => {
    for (const status of [
      'changed',
      'revoked',
      'cancelled',
      'transferred_out',
      'void_error',
    ] as const) {
      expect(state(status, '2018-01-01', '2018-11-29')).toBe(status)
      expect(state(status, '2019-01-01', null)).toBe(status)
    }
  })
})
