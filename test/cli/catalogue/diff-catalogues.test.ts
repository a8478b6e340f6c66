import { describe, expect, it } from 'vitest'
import { diffCatalogues } from '../../../src/cli/catalogue/diff-catalogues.ts'
import { aMaterial, anItem } from '../../support/catalogue.ts'

const catalogue = (...serviceItems: ReturnType<typeof anItem>[]) => ({
  licenceTypes: [],
  serviceItems,
})

describe('a comparison', () => {
  it('finds nothing between a catalogue and itself', () => {
    expect(diffCatalogues(catalogue(anItem()), catalogue(anItem()))).toEqual([])
  })

  it('names the member that changed, materials by their code and not by their place', () => {
    const before = anItem({ materials: [aMaterial({ code: 'A' }), aMaterial({ code: 'B' })] })
    const after = anItem({
      version: 2,
      materials: [aMaterial({ code: 'B', required: false }), aMaterial({ code: 'A' })],
    })
    expect(diffCatalogues(catalogue(before), catalogue(after))).toEqual([
      { of: 'serviceItem QD-TEST-001', pointer: '/version', from: 1, to: 2 },
      { of: 'serviceItem QD-TEST-001', pointer: '/materials/B/required', from: true, to: false },
    ])
  })

  it('tells what is new and what is gone', () => {
    const other = anItem({ code: 'QD-TEST-002' })
    const [added] = diffCatalogues(catalogue(), catalogue(other))
    expect(added).toMatchObject({ of: 'serviceItem QD-TEST-002', pointer: '', from: undefined })
    const [gone] = diffCatalogues(catalogue(other), catalogue())
    expect(gone).toMatchObject({ of: 'serviceItem QD-TEST-002', pointer: '', to: undefined })
  })

  it('compares the newest versions only', () => {
    const old = anItem({ nameZh: '旧' })
    const now = anItem({ version: 2 })
    expect(diffCatalogues(catalogue(old, now), catalogue(now))).toEqual([])
  })
})
