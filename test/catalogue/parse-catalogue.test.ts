import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { GatewayError } from '../../src/contract/error.ts'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../src/demo/city/${name}.json`, import.meta.url), 'utf8'))

type Draft = {
  licenceTypes: Record<string, unknown>[]
  serviceItems: { materials: Record<string, unknown>[] }[]
}

const city = (): Draft =>
  ({ licenceTypes: read('licence-types'), serviceItems: read('service-items') }) as Draft

const materialOf = (draft: Draft, item: number, place: number): Record<string, unknown> => {
  const found = draft.serviceItems[item]?.materials[place]
  if (found === undefined) throw new Error('the city file has changed')
  return found
}

const refusalOf = (input: unknown): GatewayError => {
  try {
    parseCatalogue(input)
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('parseCatalogue', () => {
  it('accepts the whole city', () => {
    const parsed = parseCatalogue(city())
    expect(parsed.licenceTypes).toHaveLength(19)
    expect(parsed.serviceItems).toHaveLength(8)
  })

  it.each([null, '', 'gov:', 'police', 'GOV:police', 'self '])(
    'refuses a material whose source is %j, and names its place',
    (source) => {
      const draft = city()
      materialOf(draft, 2, 3)['source'] = source
      const refusal = refusalOf(draft)
      expect(refusal.code).toBe('source_missing')
      expect(refusal.errors.map(({ pointer }) => pointer)).toEqual([
        '/serviceItems/2/materials/3/source',
      ])
    },
  )

  it.each(['其他材料', '法律法规规定的其他有关材料', '其它相关证明材料'])(
    'refuses %s as a material',
    (nameZh) => {
      const draft = city()
      materialOf(draft, 0, 4)['nameZh'] = nameZh
      const refusal = refusalOf(draft)
      expect(refusal.code).toBe('other_materials_forbidden')
      expect(refusal.errors[0]?.pointer).toBe('/serviceItems/0/materials/4/nameZh')
    },
  )

  it.each([
    ['condition', { premises: 'borrowed' }, '/serviceItems/0/materials/0/condition/premises'],
    ['condition', { weather: true }, '/serviceItems/0/materials/0/condition/weather'],
    ['typeCode', '113702990037000297099', '/serviceItems/0/materials/0/typeCode'],
    ['fields', ['name', 'shoeSize'], '/serviceItems/0/materials/0/fields/1'],
    ['code', 'QD-YL-001-M02', '/serviceItems/0/materials/1/code'],
  ])('refuses an impossible %s of a material', (member, value, pointer) => {
    const draft = city()
    materialOf(draft, 0, 0)[member] = value
    const refusal = refusalOf(draft)
    expect(refusal.code).toBe('validation_failed')
    expect(refusal.errors.map((error) => error.pointer)).toContain(pointer)
  })

  it('refuses members that it does not know', () => {
    const draft = city()
    materialOf(draft, 1, 1)['note'] = '…'
    expect(refusalOf(draft).errors[0]?.pointer).toBe('/serviceItems/1/materials/1')
  })
})
