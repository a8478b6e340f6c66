/** How many handles are open, by the kind that the runtime names. */
export type OpenThings = Readonly<Record<string, number>>

/** Of several looks the fewest of each kind: what breathes falls away, what is kept stays. */
export const fewest = (looks: readonly OpenThings[]): OpenThings => {
  const kinds = new Set(looks.flatMap((look) => Object.keys(look)))
  return Object.fromEntries(
    [...kinds].map((kind) => [kind, Math.min(...looks.map((look) => look[kind] ?? 0))]),
  )
}

/** Last quarter over second quarter, by medians: the first quarter is warm-up. */
export const growthOf = (values: readonly number[]): number => {
  const quarter = (place: 1 | 3): readonly number[] =>
    values.slice(
      Math.floor((values.length * place) / 4),
      Math.floor((values.length * (place + 1)) / 4),
    )
  return median(quarter(3)) / median(quarter(1))
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
