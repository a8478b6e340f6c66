/** How far two samples are apart, without assuming a shape. */
export type RankTest = {
  /** How often a value of the second sample is the greater one; 0.5 when they do not differ. */
  readonly shareGreater: number
  /** Two-sided probability of such a difference between samples of one distribution. */
  readonly p: number
}

/** Mann–Whitney U in its normal approximation, ties corrected; good from some twenty values on. */
export const rankTest = (first: readonly number[], second: readonly number[]): RankTest => {
  const values = [
    ...first.map((value) => ({ value, isSecond: false })),
    ...second.map((value) => ({ value, isSecond: true })),
  ].toSorted((a, b) => a.value - b.value)
  let rankSum = 0
  let ties = 0
  for (let start = 0; start < values.length;) {
    let end = start
    while (end < values.length && values[end]?.value === values[start]?.value) end += 1
    const count = end - start
    const rank = (start + 1 + end) / 2
    rankSum += rank * values.slice(start, end).filter(({ isSecond }) => isSecond).length
    ties += count ** 3 - count
    start = end
  }
  const [m, n] = [first.length, second.length]
  const all = m + n
  const u = rankSum - (n * (n + 1)) / 2
  const deviation = Math.sqrt(((m * n) / 12) * (all + 1 - ties / (all * (all - 1))))
  const z = deviation === 0 ? 0 : (u - (m * n) / 2) / deviation
  return { shareGreater: u / (m * n), p: 2 * (1 - normal(Math.abs(z))) }
}

/** Standard normal distribution; Zelen and Severo's polynomial, good to 7.5e-8. */
const normal = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * z)
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429]
  const polynomial = terms.reduceRight((sum, term) => (sum + term) * t, 0)
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
