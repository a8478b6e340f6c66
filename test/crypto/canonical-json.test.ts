import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import type { JsonValue } from '../../src/crypto/json-value.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { coded } from './coded.ts'

it('writes the example of RFC 8785 §3.2.3', () => {
  const text = `{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`
  expect(canonicalJson(parseJson(text))).toBe(
    '{"literals":[null,true,false],' +
      '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

it('sorts by UTF-16 code units, as in RFC 8785 §3.2.3', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
  const value = Object.fromEntries(names.map((name) => [name, 0]))
  expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual([
    ...['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'],
  ])
})

it.each([
  [0, '0'],
  [-0, '0'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [9007199254740992, '9007199254740992'],
  [295147905179352830000, '295147905179352830000'],
  [1e21, '1e+21'],
  [9.999999999999997e22, '9.999999999999997e+22'],
  [1e-7, '1e-7'],
  [0.000001, '0.000001'],
])('writes the number %d as in RFC 8785 appendix B', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
})

it('is a fixed point: what it writes reads back to the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/\\ud[89a-f]|__proto__/.test(JSON.stringify(value)))
      const text = canonicalJson(value as JsonValue)
      expect(canonicalJson(parseJson(text))).toBe(text)
    }),
  )
})

it.each([
  ['a lone surrogate', '\ud800'],
  ['a lone surrogate as a name', { '\udfff': 1 }],
  ['NaN', Number.NaN],
  ['infinity', [Number.POSITIVE_INFINITY]],
  ['undefined in an object', { a: undefined }],
  ['a date', new Date(0)],
  ['a bigint', 1n],
])('refuses %s', (_what, value) => {
  expect(coded(() => canonicalJson(value as JsonValue))).toBe('not_json')
})
