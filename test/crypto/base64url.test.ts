import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
} from '../../src/crypto/base64url.ts'
import { coded } from './coded.ts'

it('reads back what it wrote, in both alphabets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(Buffer.from(decodeBase64Url(encodeBase64Url(bytes)))).toEqual(Buffer.from(bytes))
      expect(Buffer.from(decodeBase64(encodeBase64(bytes)))).toEqual(Buffer.from(bytes))
    }),
  )
})

it.each(['AA==', 'AA=', 'A', 'AB', 'AAB', 'A A', 'AA\n', 'A+', 'A/', 'AA?', 'Ａ', ' ', 'AAAA~'])(
  'refuses the second spelling or foreign character %j',
  (text) => {
    expect(coded(() => decodeBase64Url(text))).toBe('bad_base64url')
  },
)

it.each(['AA', 'AB==', 'A-==', 'A_==', 'AA==\n', 'AAA', '='])(
  'refuses %j as padded base64',
  (text) => {
    expect(coded(() => decodeBase64(text))).toBe('bad_base64url')
  },
)

it('has one text for each byte string: every accepted text is the written one', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      try {
        expect(encodeBase64Url(decodeBase64Url(text))).toBe(text)
      } catch (error) {
        expect(coded(() => decodeBase64Url(text))).toBe('bad_base64url')
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})
