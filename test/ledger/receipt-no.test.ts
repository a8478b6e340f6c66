import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { newReceiptNo, parseReceiptNo } from '../../src/ledger/receipt-no.ts'

it('makes numbers of 12 Crockford characters and a check character', () => {
  const numbers = Array.from({ length: 200 }, () => newReceiptNo(randomBytes))
  for (const no of numbers) {
    expect(no).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}[0-9A-Z]$/)
    expect(parseReceiptNo(no)).toBe(no)
  }
  expect(new Set(numbers).size).toBe(200)
})

it('notices every single wrong character and every swap of neighbours', () => {
  const no = newReceiptNo(randomBytes)
  for (let at = 0; at < 13; at++) {
    for (const character of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (character === no[at]) continue
      expect(parseReceiptNo(no.slice(0, at) + character + no.slice(at + 1))).toBeUndefined()
    }
  }
})

it.each(['', 'ABC', 'abcdefghjkmn0', 'ABCD-EFGH-JKMN0', 'IIIIIIIIIIII0', '0'.repeat(14)])(
  'refuses %j',
  (text) => {
    expect(parseReceiptNo(text)).toBeUndefined()
  },
)
