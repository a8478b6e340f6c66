import { describe, expect, it } from 'vitest'
import { parseCatalogue } from '../../../src/catalogue/parse-catalogue.ts'
import { examineLine } from '../../../src/stock/rules/examine-line.ts'
import { createGbkTest } from '../../../src/stock/rules/gbk-characters.ts'
import { ruleTexts } from '../../../src/stock/rules/rule-texts.ts'
import { cityCatalogue } from '../../support/city-catalogue.ts'
import { aLine, aPerson, aRow, issuer } from '../stock-rows.ts'

const { licenceTypes } = parseCatalogue(cityCatalogue())
const context = {
  issuerCode: issuer,
  types: new Map<string, (typeof licenceTypes)[number]>(
    licenceTypes.map((type) => [type.typeCode, type]),
  ),
  typeCodes: undefined,
  cityDate: '2018-11-30',
  isInGbk: createGbkTest(),
}

const examine = (line: string | Uint8Array) => examineLine(Buffer.from(line), context)

/** The findings of a line as `class rule pointer`. */
const found = (line: string | Uint8Array) =>
  examine(line).findings.map(({ class: kind, rule, pointer }) => `${kind} ${rule} ${pointer}`)

const quarantined = (rule: string, pointer: string) => [`quarantine ${rule} ${pointer}`]

const withSurface = (changes: Record<string, unknown>) =>
  aLine(1, { surface: { ...aRow(1).surface, ...changes } })
const withHolder = (changes: Record<string, unknown>) =>
  aLine(1, { holders: [{ ...aPerson(1), ...changes }] })

describe('a row that is right', () => {
  it('is loaded without a finding', () => {
    const { findings, row } = examine(aLine(1))
    expect(findings).toEqual([])
    expect(row).toMatchObject({ number: 'T00000001', status: 'active', sourceStatus: null })
  })

  it('loads SQL and template characters as the text that they are, and flags them', () => {
    for (const name of [`甲'; drop table licence;--`, '{{7*7}}${1}', '<script>', `Robert"); --`]) {
      const { findings, row } = examine(withHolder({ name }))
      expect(findings).toMatchObject([{ class: 'warn', rule: 'unusual_characters', given: name }])
      expect(row?.holders[0]?.name).toBe(name)
    }
  })
})

describe('a line that is no row', () => {
  it.each([
    ['half an object', '{"licenceId":"1.2'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a repeated member', aLine(1).replace('{', '{"number":"2",')],
    ['a lone surrogate', aLine(1).replace('测试', '\\ud800')],
    ['deep nesting', '['.repeat(5000)],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from([0xff]), Buffer.from(aLine(1))])],
    ['a member __proto__', aLine(1).replace('{', '{"__proto__":{},')],
  ])('is kept out: %s', (_, line) => {
    expect(found(line)).toEqual(quarantined('malformed_json', ''))
  })
})

describe('a row with a fault of form', () => {
  it.each([
    ['an unknown member', aLine(1, { colour: 'red' }), 'unknown_field', '/colour'],
    ['an unknown member of a holder', withHolder({ age: 3 }), 'unknown_field', '/holders/0/age'],
    ['an unknown surface field', withSurface({ 'a/b': 1 }), 'unknown_field', '/surface/a~1b'],
    ['a number that is none', aLine(1, { number: 5 }), 'wrong_type', '/number'],
    ['holders that are no list', aLine(1, { holders: {} }), 'wrong_type', '/holders'],
    ['no holders', aLine(1, { holders: [] }), 'holder_missing', '/holders'],
    ['no issuer', aLine(1, { issuer: undefined }), 'member_missing', '/issuer'],
    [
      'a name of 10,000 characters',
      withHolder({ name: '长'.repeat(10_000) }),
      'too_long',
      '/holders/0/name',
    ],
    [
      'a surface name that is too long',
      withSurface({ name: '长'.repeat(51) }),
      'too_long',
      '/surface/name',
    ],
    ['NUL in a name', withHolder({ name: '甲\u0000乙' }), 'control_character', '/holders/0/name'],
    [
      'a turned direction of writing',
      withHolder({ name: '甲\u202e乙' }),
      'control_character',
      '/holders/0/name',
    ],
    [
      'NUL in a surface field',
      withSurface({ bankName: '\u0000' }),
      'control_character',
      '/surface/bankName',
    ],
    ['a list as a surface field', withSurface({ bankName: [] }), 'wrong_type', '/surface/bankName'],
  ])('is kept out: %s', (_, line, rule, pointer) => {
    expect(found(line)).toEqual(quarantined(rule, pointer))
  })
})

describe('a row with a fault of content', () => {
  it.each([
    [
      'a wrong check character',
      withHolder({ id: '370299198001010010' }),
      'id_checksum',
      '/holders/0/id',
    ],
    [
      'an impossible birthday',
      withHolder({ id: '370299198002300017' }),
      'id_checksum',
      '/holders/0/id',
    ],
    [
      'a code of the wrong form',
      withHolder({ id: '37029919' }),
      'holder_code_form',
      '/holders/0/id',
    ],
    [
      'an unknown code type',
      withHolder({ idType: '777' }),
      'holder_code_type',
      '/holders/0/idType',
    ],
    [
      'a person with a firm’s code type',
      withHolder({ idType: '001' }),
      'holder_code_type',
      '/holders/0/idType',
    ],
    ['no name', withHolder({ name: ' ' }), 'holder_name_missing', '/holders/0/name'],
    ['a lost character', withHolder({ name: '伍?' }), 'char_lost', '/holders/0/name'],
    [
      'a day that does not exist',
      aLine(1, { issuedAt: '2018-02-30' }),
      'date_invalid',
      '/issuedAt',
    ],
    ['a date in words', aLine(1, { validFrom: 'yesterday' }), 'date_invalid', '/validFrom'],
    [
      'an issue in the future',
      aLine(1, { issuedAt: '2018-12-01' }),
      'issued_in_future',
      '/issuedAt',
    ],
    [
      'an end before the beginning',
      aLine(1, { validTo: '2018-01-01' }),
      'validity_before_issue',
      '/validTo',
    ],
    ['a status of its own', aLine(1, { status: 'ok' }), 'status_unknown', '/status'],
    [
      'a trust level of its own',
      aLine(1, { trustLevel: 'Z' }),
      'trust_level_unknown',
      '/trustLevel',
    ],
    ['an area code that is none', aLine(1, { areaCode: '37' }), 'area_code_form', '/areaCode'],
    ['no number', aLine(1, { number: '' }), 'number_missing', '/number'],
    [
      'another department',
      aLine(1, { issuer: { code: '113702990037000297', name: '' } }),
      'issuer_mismatch',
      '/issuer/code',
    ],
    ['a value outside the list', withSurface({ sex: '无' }), 'surface_value', '/surface/sex'],
    [
      'a required field that is empty',
      withSurface({ name: '' }),
      'surface_required',
      '/surface/name',
    ],
    [
      'a surface date that does not exist',
      withSurface({ issueDate: '2018-13-01' }),
      'date_invalid',
      '/surface/issueDate',
    ],
    ['an identifier that is none', aLine(1, { licenceId: 'x' }), 'identifier_form', '/licenceId'],
    [
      'an identifier of another row',
      aLine(1, { licenceId: aRow(1, { version: '002' }).licenceId }),
      'identifier_mismatch',
      '/licenceId',
    ],
  ])('is kept out: %s', (_, line, rule, pointer) => {
    expect(found(line)).toContain(`quarantine ${rule} ${pointer}`)
    expect(examine(line).row).toBeUndefined()
  })

  it('takes an expired or future licence as active, since its dates say the rest', () => {
    const { row, findings } = examine(aLine(1, { status: 'expired' }))
    expect(row).toMatchObject({ status: 'active', sourceStatus: 'expired' })
    expect(findings).toMatchObject([{ class: 'normalise', rule: 'status_computed' }])
  })
})

describe('normalisation', () => {
  it.each([
    ['issuedAt', '20180102'],
    ['issuedAt', '2018/1/2'],
    ['issuedAt', '2018年1月2日'],
    ['issuedAt', '２０１８-０１-０２'],
    ['validFrom', '2018.1.2'],
    ['validFrom', '2018-01-02 00:00:00'],
  ])('reads %s written as %s', (member, written) => {
    const { row, findings } = examine(aLine(1, { [member]: written }))
    expect(findings).toEqual([
      {
        class: 'normalise',
        rule: 'date_form',
        pointer: `/${member}`,
        given: written,
        corrected: '2018-01-02',
      },
    ])
    expect(row).toMatchObject({ [member]: '2018-01-02' })
  })

  it.each(['长期', '99991231', '9999-12-31', ''])('reads %j as no end', (written) => {
    const { row, findings } = examine(aLine(1, { validTo: written }))
    expect(row?.validTo).toBeNull()
    expect(findings).toMatchObject([{ rule: 'no_end_form', given: written, corrected: null }])
  })

  it('keeps the 15-digit number that it lengthens', () => {
    const long = aPerson(1).id
    const short = long.slice(0, 6) + long.slice(8, 17)
    const { row } = examine(withHolder({ id: short }))
    expect(row?.holders).toMatchObject([{ id: long, originalId: short }])
  })

  it('touches brackets in numbers, not in names', () => {
    const { row } = examine(
      aLine(1, { number: '鲁（2018）１号', holders: [{ ...aPerson(1), name: '甲（乙）' }] }),
    )
    expect(row?.number).toBe('鲁(2018)1号')
    expect(row?.holders[0]?.name).toBe('甲（乙）')
  })

  it('keeps joined holders out when names and codes do not pair up', () => {
    const id = `${aPerson(1).id},${aPerson(2).id}`
    expect(found(withHolder({ id, name: '甲' }))).toEqual(
      quarantined('holders_mismatch', '/holders/0/id'),
    )
  })
})

it('has a Chinese title and an advice for every rule', () => {
  for (const { titleZh, adviceZh } of Object.values(ruleTexts)) {
    expect(titleZh).toMatch(/[\u4e00-\u9fff]/)
    expect(adviceZh).toMatch(/[\u4e00-\u9fff]/)
  }
})
