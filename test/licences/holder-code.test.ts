import { describe, expect, it } from 'vitest'
import { normaliseHolderId } from '../../src/licences/normalise-holder-id.ts'
import { isResidentId, lengthenResidentId } from '../../src/licences/resident-id.ts'
import { isUscc } from '../../src/licences/uscc.ts'

describe('resident ids (GB 11643)', () => {
  it('knows right check characters and days of birth', () => {
    expect(isResidentId('37029919771104288X')).toBe(true)
    expect(isResidentId('370299197711042880')).toBe(false)
    expect(isResidentId('370299197802300015')).toBe(false)
  })

  it('lengthens old numbers', () => {
    expect(lengthenResidentId('370299641005758')).toBe('370299196410057581')
  })

  it('normalises width, case and length, and refuses what cannot be', () => {
    expect(normaliseHolderId('111', ' ３７０２９９１９７７１１０４２８８x ')).toBe(
      '37029919771104288X',
    )
    expect(normaliseHolderId('111', '370299641005758')).toBe('370299196410057581')
    expect(normaliseHolderId('111', '370299197711042880')).toBeUndefined()
    expect(normaliseHolderId('777', '1')).toBeUndefined()
    expect(normaliseHolderId('414', 'e12345678')).toBe('E12345678')
    expect(normaliseHolderId('414', "1' or '1'='1")).toBeUndefined()
  })
})

describe('unified social credit codes (GB 32100)', () => {
  it('knows right check characters, and lets registered exceptions pass as holders', () => {
    expect(isUscc('91370299MA99900191')).toBe(true)
    expect(isUscc('91370299MA00001030')).toBe(false)
    expect(normaliseHolderId('001', '91370299MA00001030')).toBe('91370299MA00001030')
    expect(normaliseHolderId('001', '91370299MA0000103I')).toBeUndefined()
  })
})
