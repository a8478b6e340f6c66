import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDictionary } from '../../../src/crypto/message-signature/parse-structured-field.ts'
import { serialiseInnerList } from '../../../src/crypto/message-signature/serialise-structured-field.ts'
import {
  type BareItem,
  type InnerList,
  isInnerList,
  MessageSignatureError,
} from '../../../src/crypto/message-signature/structured-field.ts'

describe('structured fields (RFC 9651)', () => {
  it('reads every kind of item that signatures and digests use', () => {
    const read = parseDictionary('a=1, b="x \\"y\\" \\\\", c=tok/en:1, d=:AQID:, e, f=?0;p;q=-7')
    expect([...read]).toEqual([
      ['a', item({ kind: 'integer', value: 1 })],
      ['b', item({ kind: 'string', value: 'x "y" \\' })],
      ['c', item({ kind: 'token', value: 'tok/en:1' })],
      ['d', item({ kind: 'bytes', value: Buffer.from([1, 2, 3]) })],
      ['e', item({ kind: 'boolean', value: true })],
      [
        'f',
        {
          item: { kind: 'boolean', value: false },
          parameters: new Map<string, BareItem>([
            ['p', { kind: 'boolean', value: true }],
            ['q', { kind: 'integer', value: -7 }],
          ]),
        },
      ],
    ])
  })

  it('takes an empty dictionary, an empty list and white space where the standard has it', () => {
    expect(parseDictionary('').size).toBe(0)
    expect(parseDictionary('  a=(  "x"   "y" );  p=1 \t,\t b=1 ')).toBeInstanceOf(Map)
  })

  it.each([
    'a=1,',
    ',a=1',
    'a=1 b=2',
    'a=1,,b=2',
    'A=1',
    '1a=1',
    'a=',
    'a="x',
    'a="\\x"',
    'a="\u00e9"',
    'a="\n"',
    'a=:AQI:',
    'a=:AQJ=:',
    'a=:A_-=:',
    'a=1.5',
    'a=1234567890123456',
    'a=--1',
    'a=?2',
    'a=("x""y")',
    'a=("x"',
    'a=("x" "y"',
    'a=("x"),b=(',
    'a=1;',
    'a=1;P',
    'a=@1659578233',
    'a=1, a=2',
    'a=("x");p=1;p=2',
    '\ta=1',
  ])('refuses %j', (text) => {
    expect(() => parseDictionary(text)).toThrow(MessageSignatureError)
  })

  it('reads back every list that it writes', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const read = parseDictionary(`a=${serialiseInnerList(list)}`).get('a')
        expect(read !== undefined && isInnerList(read) && serialiseInnerList(read)).toBe(
          serialiseInnerList(list),
        )
      }),
    )
  })

  it('never fails in another way than it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseDictionary(text)
        } catch (error) {
          expect(error).toBeInstanceOf(MessageSignatureError)
        }
      }),
    )
  })
})

const item = (bare: BareItem) => ({ item: bare, parameters: new Map() })

const bareItems: fc.Arbitrary<BareItem> = fc.oneof(
  fc
    .integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 })
    .map((value): BareItem => ({ kind: 'integer', value })),
  fc
    .string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) })
    .map((value): BareItem => ({ kind: 'string', value })),
  fc.uint8Array().map((value): BareItem => ({ kind: 'bytes', value })),
  fc.boolean().map((value): BareItem => ({ kind: 'boolean', value })),
)
const parameters = fc
  .dictionary(fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/), bareItems)
  .map((members) => new Map(Object.entries(members)))
const lists: fc.Arbitrary<InnerList> = fc.record({
  items: fc.array(fc.record({ item: bareItems, parameters })),
  parameters,
})
