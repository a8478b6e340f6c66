import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasMod3736Check, mod3736Check } from '../../src/crypto/mod3736.ts'
import { coded } from './coded.ts'

it.each([
  ['11100000000013338W032', '11220000013544541J', '2430599', '001', 'F'],
  ['11100000000013338W011', '11430000006122244L', '20230000403', '001', 'U'],
  ['11100000000013338W011', '11430000006122244L', '20230000403', '002', 'S'],
  ['11100000MB0143028R001', '1137020000000001A7', '202500000001', '001', '2'],
])(
  'agrees with the published licence identifier of type %s',
  (type, issuer, serial, version, check) => {
    expect(mod3736Check(type + issuer + serial + version)).toBe(check)
    expect(hasMod3736Check(type + issuer + serial + version + check)).toBe(true)
  },
)

const alphabet = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const text = fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 60 })

it('finds every single changed character', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.constantFrom(...alphabet), (characters, place, other) => {
      const good = [...characters, mod3736Check(characters.join(''))]
      const at = place % good.length
      const changed = good.with(at, other)
      expect(hasMod3736Check(changed.join(''))).toBe(other === good[at])
    }),
  )
})

it('takes capital letters and digits only', () => {
  expect(coded(() => mod3736Check('a'))).toBe('check_character_input')
  expect(coded(() => mod3736Check('1.2'))).toBe('check_character_input')
  expect(hasMod3736Check('')).toBe(false)
  expect(hasMod3736Check('1')).toBe(false)
  expect(hasMod3736Check('1。')).toBe(false)
})
