import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tables as socialSecurity } from '../../adapters/social-security/tables.ts'
import { businesses } from '../../adapters/police/tables.ts'
import { interfaces } from '../../adapters/land/tables.ts'
import { transactions } from '../../adapters/housing-fund/tables.ts'
import {
  code,
  decodeFields,
  encodeFields,
  end,
  fen,
  number,
  text,
} from '../../src/halls/field-codec.ts'
import { encodePaper } from '../../src/halls/build-licence.ts'
import { subjects } from '../adapters/harness.ts'

const tables = new Map([...socialSecurity, ...businesses, ...interfaces, ...transactions])

describe('field forms', () => {
  it('carries amounts in fen without losing one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 10_000_000_000 }), (cents) => {
        expect(fen.read(fen.write(cents / 100))).toBe(cents / 100)
      }),
    )
    expect(fen.read('12.5')).toBeUndefined()
    expect(fen.read('１２３４５')).toBe(123.45)
  })
  it('refuses a decimal of more digits than can be kept, whole', () => {
    expect(number.read('123456789012.345')).toBe(123_456_789_012.345)
    expect(number.read('1234567890123.456')).toBeUndefined()
    expect(number.read('1e21')).toBeUndefined()
  })
  it('refuses text with control characters, turned reading direction or beyond all size', () => {
    const table = [{ wire: 'A', key: 'bank', form: text }]
    expect(decodeFields(table, { A: '银行\n一' }).ok).toBe(true)
    for (const value of [
      '银\u0000行',
      '银\u0007行',
      '银\u202e行',
      '银\u0085行',
      '银'.repeat(4_001),
    ])
      expect(decodeFields(table, { A: value })).toEqual({ ok: false, cause: 'field_form:bank' })
  })
  it('refuses a code outside the list', () => {
    expect(code({ '1': '男' }).read('3')).toBeUndefined()
    expect(code({ '1': '男' }).read('constructor')).toBeUndefined()
  })
  it('names the first field that is missing or of another form, without its value', () => {
    const table = [
      { wire: 'A', key: 'issuedAt', form: end('compact', '99991231') },
      { wire: 'B', key: 'amount', form: fen },
    ]
    expect(decodeFields(table, { A: '20181130' })).toEqual({
      ok: false,
      cause: 'field_missing:amount',
    })
    expect(decodeFields(table, { A: 'x', B: '1' })).toEqual({
      ok: false,
      cause: 'field_form:issuedat',
    })
    expect(decodeFields(table, { B: '1' })).toEqual({
      ok: true,
      fields: { issuedAt: '', amount: 0.01 },
    })
  })
})

describe('mapping tables', () => {
  it('carry every surface field of every paper of the city there and back', () => {
    const papers = subjects
      .flatMap(({ papers: held }) => held.map(({ row }) => row))
      .filter(({ typeCode }) => tables.has(typeCode))
    expect(papers.length).toBeGreaterThan(200)
    for (const paper of papers) {
      const table = tables.get(paper.typeCode)
      if (table === undefined) throw new Error('no table')
      const decoded = decodeFields(table.surface, encodePaper(paper, table))
      expect(decoded).toEqual({ ok: true, fields: paper.surface })
    }
  })
  it('use no name of the department for two keys, and no key twice', () => {
    for (const { head, surface } of tables.values()) {
      const rules = [...head, ...surface]
      expect(new Set(rules.map(({ wire }) => wire)).size).toBe(rules.length)
      expect(new Set(surface.map(({ key }) => key)).size).toBe(surface.length)
    }
    expect(encodeFields([], { any: 1 })).toEqual({})
  })
})
