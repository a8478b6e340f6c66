import { describe, expect, it } from 'vitest'
import { parseCatalogue } from '../../../src/catalogue/parse-catalogue.ts'
import { parseJson } from '../../../src/crypto/parse-json.ts'
import { isJsonObject } from '../../../src/crypto/json-value.ts'
import { judgeSurface } from '../../../src/stock/rules/judge-surface.ts'
import { cityCatalogue } from '../../support/city-catalogue.ts'

const type = parseCatalogue(cityCatalogue()).licenceTypes.find(
  ({ shortCode }) => shortCode === 'GT-BDC',
)

const findingsOf = (literal: string): readonly string[] => {
  const surface = parseJson(`{"buildingArea":${literal}}`)
  if (!isJsonObject(surface)) throw new Error('no object')
  return judgeSurface(surface, type)
    .findings.filter(({ pointer }) => pointer === '/surface/buildingArea')
    .map(({ rule }) => rule)
}

describe('a number in the surface fields', () => {
  it.each(['48.79', '0', '-3', '0.1', '103439.53', '1234567.12'])('is taken: %s', (literal) => {
    expect(findingsOf(literal)).toEqual([])
  })

  it.each(['9007199254740993', '12345678901234567890', '0.12345678901234567', '1e300'])(
    'is kept out instead of being rounded: %s',
    (literal) => {
      expect(findingsOf(literal)).toEqual(['number_inexact'])
    },
  )
})
