import { describe, expect, it } from 'vitest'
import { selectMaterials } from '../../src/catalogue/select-materials.ts'
import { aMaterial, anItem } from '../support/catalogue.ts'

const neededWith = (facts: Record<string, string | boolean>): boolean[] =>
  selectMaterials(
    anItem({
      facts: { premises: ['owned', 'rented'], catering: [true, false] },
      materials: [
        aMaterial({ code: 'M1' }),
        aMaterial({ code: 'M2', condition: { premises: 'rented' } }),
        aMaterial({ code: 'M3', condition: { premises: 'owned', catering: true } }),
      ],
    }),
    facts,
  ).map(({ needed }) => needed)

describe('selectMaterials', () => {
  it('needs a material when every entry of its condition holds', () => {
    expect(neededWith({ premises: 'owned', catering: true })).toEqual([true, false, true])
    expect(neededWith({ premises: 'owned', catering: false })).toEqual([true, false, false])
  })

  it('keeps a material needed while the case does not state the fact', () => {
    expect(neededWith({})).toEqual([true, true, true])
  })
})
