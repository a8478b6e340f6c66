import { describe, expect, it } from 'vitest'
import { median, rankTest } from './rank-test.ts'

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => at + from)

describe('the rank test', () => {
  it('sees no difference between equal samples, all ties included', () => {
    for (const { shareGreater, p } of [
      rankTest(numbers(50), numbers(50)),
      rankTest([1, 1, 1], [1, 1, 1]),
    ]) {
      expect(shareGreater).toBe(0.5)
      expect(p).toBeCloseTo(1, 6)
    }
  })

  it('agrees with the textbook on a shifted sample', () => {
    const { shareGreater, p } = rankTest(numbers(20), numbers(20, 8))
    // U = 328, z = (328 − 200) / √(20·20·41/12, ties corrected) = 3.4646
    expect(shareGreater).toBeCloseTo(0.82, 10)
    expect(p).toBeGreaterThan(0.0004)
    expect(p).toBeLessThan(0.0007)
  })

  it('takes the middle value', () => {
    expect(median([3, 1, 2])).toBe(2)
  })
})
