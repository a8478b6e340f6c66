import { describe, expect, it } from 'vitest'
import {
  formatLicenceIdentifier,
  parseLicenceIdentifier,
  seriesOf,
} from '../../src/licences/licence-identifier.ts'

const published = [
  '1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F',
  '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U',
  '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S',
  '1.2.156.3005.2.11100000MB0143028R001.1137020000000001A7.202500000001.001.2',
]

describe('licence identifiers (GB/T 36904)', () => {
  it.each(published)('reads and writes %s', (identifier) => {
    const parts = parseLicenceIdentifier(identifier)
    expect(parts?.checked).toBe(true)
    expect(parts && formatLicenceIdentifier(parts)).toBe(identifier)
  })

  it('tells a wrong check character, and puts the right one', () => {
    const parts = parseLicenceIdentifier(`${published[0]?.slice(0, -1) ?? ''}0`)
    expect(parts?.checked).toBe(false)
    expect(parts && formatLicenceIdentifier(parts)).toBe(published[0])
  })

  it('shares the series between versions', () => {
    const [, second, third] = published.map(parseLicenceIdentifier)
    expect(second && third && seriesOf(second) === seriesOf(third)).toBe(true)
  })

  it.each([
    '',
    '1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001',
    '1.2.156.3005.3.11100000000013338W032.11220000013544541J.2430599.001.F',
    '1.2.156.3005.2.11100000000013338W03.11220000013544541J.2430599.001.F',
    '1.2.156.3005.2.11100000000013338W032.11220000013544541J.24 0599.001.F',
    '1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.1.F',
  ])('does not read %j', (text) => {
    expect(parseLicenceIdentifier(text)).toBeUndefined()
  })
})
