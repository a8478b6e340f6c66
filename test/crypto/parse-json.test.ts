import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CryptoError } from '../../src/crypto/crypto-error.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { coded } from './coded.ts'

const positionOf = (text: string): number | undefined => {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof CryptoError) return error.position
  }
  return undefined
}

it('reads what JSON.stringify writes, as text and as bytes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!text.includes('__proto__') && !/\\ud[89a-f]/.test(text))
      const read = JSON.parse(text) as unknown
      expect(parseJson(text)).toEqual(read)
      expect(parseJson(Buffer.from(text))).toEqual(read)
    }),
    { numRuns: 500 },
  )
})

it('answers any text with a value or malformed_json, and never accepts what JSON.parse refuses', () => {
  const token = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '\\"',
      '"a"',
      '1',
      'null',
      ' ',
      '\\u',
      'd800',
      '""',
    ],
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
      const text = tokens.join('')
      if (coded(() => parseJson(text)) === undefined)
        expect(() => JSON.parse(text) as unknown).not.toThrow()
    }),
    { numRuns: 5000 },
  )
})

describe('refuses repeated members', () => {
  it.each([
    ['{"a":1,"a":1}', 7],
    ['{"a":{"b":1,"b":2}}', 12],
    ['[{"a":1},{"x":[],"x" : 2}]', 17],
    ['{"a":1,"\\u0061":2}', 7],
    ['{"a\\"":1,"a\\"":2}', 9],
    ['{"":0,"":0}', 6],
  ])('%s', (text, position) => {
    expect(coded(() => parseJson(text))).toBe('malformed_json')
    expect(positionOf(text)).toBe(position)
  })

  it('but not equal names in different objects, nor colons and braces inside strings', () => {
    const text = '[{"a":":{[\\\\"},{"a":"\\":{\\""},{"b:":{"a":1},"a":"}]"}]'
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })
})

it.each([
  ['lone surrogate in an escape', '"\\ud800"'],
  ['lone low surrogate in a name', '{"\\udc00":1}'],
  ['lone surrogate in the text', '"\ud800"'],
  ['number beyond the doubles', '[1e400]'],
  ['prototype as a member', '{"__proto__":{"admin":true}}'],
  ['prototype written with an escape', '{"__pr\\u006fto__":1}'],
  ['byte-order mark', '\ufeff{}'],
  ['trailing text', '{} x'],
  ['trailing comma', '[1,]'],
  ['comment', '{/**/}'],
  ['single quotes', "{'a':1}"],
  ['leading zero', '01'],
  ['control character', '"\u0001"'],
  ['nothing', ''],
  ['unclosed string', '"abc'],
  ['unclosed string ending in a backslash', '"abc\\'],
])('refuses %s', (_what, text) => {
  expect(coded(() => parseJson(text))).toBe('malformed_json')
})

it('refuses bytes that are not UTF-8, also over-long and surrogate forms', () => {
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0xaf, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ])
    expect(coded(() => parseJson(Uint8Array.from(bytes)))).toBe('malformed_json')
})

it('keeps a surrogate pair, NUL and names such as constructor', () => {
  expect(parseJson('{"constructor":"\\ud83d\\ude00\\u0000"}')).toEqual({ constructor: '😀\0' })
})

it('stops at 64 levels, or at the level that the caller names, before reading', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(coded(() => parseJson(nested(64)))).toBeUndefined()
  expect(coded(() => parseJson(nested(65)))).toBe('malformed_json')
  expect(coded(() => parseJson(nested(1_000_000)))).toBe('malformed_json')
  expect(coded(() => parseJson('[{"a":[]}]', { depthMax: 2 }))).toBe('malformed_json')
})

it('says where, and never what it read', () => {
  const text = '{"name":"张三" "x":1}'
  expect(positionOf(text)).toBe(13)
  try {
    parseJson(text)
  } catch (error) {
    expect(String(error)).not.toContain('张三')
    expect(error).toHaveProperty('cause', undefined)
  }
})

it('takes time in proportion to backslashes and to repeated members', () => {
  const slashes = `"${'\\\\'.repeat(500_000)}"`
  expect(parseJson(slashes)).toHaveLength(500_000)
  const members = `{${Array.from({ length: 100_000 }, (_, n) => `"m${String(n)}":0`).join()},"m0":0}`
  expect(coded(() => parseJson(members))).toBe('malformed_json')
})

it('reads no more values than the caller allows, before reading one', () => {
  const objects = `[${'{},'.repeat(99)}{}]`
  expect(parseJson(objects, { valuesMax: 200 })).toHaveLength(100)
  expect(coded(() => parseJson(objects, { valuesMax: 199 }))).toBe('malformed_json')
  expect(coded(() => parseJson(`[${'0,'.repeat(3_000_000)}`, { valuesMax: 9 }))).toBe(
    'malformed_json',
  )
  expect(parseJson('["a,b,c,{[:"]', { valuesMax: 1 })).toEqual(['a,b,c,{[:'])
})

it('refuses an integer that would be rounded, where the caller wants it exact', () => {
  expect(parseJson('9007199254740993')).toBe(9_007_199_254_740_992)
  for (const text of ['9007199254740993', '[12345678901234567890]', '{"a":1e300}'])
    expect(coded(() => parseJson(text, { exactIntegers: true }))).toBe('malformed_json')
  expect(parseJson('[9007199254740991,0.1]', { exactIntegers: true })).toHaveLength(2)
})
