/** One candidate's run in one round. CPU time is per process, e.g. `gateway`, `postgres`, `load`. */
export type Measured = {
  readonly operations: number
  readonly seconds: number
  readonly cpuUs: Readonly<Record<string, number>>
  readonly p50Ms?: number
  readonly p99Ms?: number
}

export type Candidate = { readonly name: string; readonly run: () => Promise<Measured> }

export type Rounds = ReadonlyMap<string, readonly Measured[]>

/** Medians over the rounds of one candidate. */
export type Summary = {
  readonly perSecond: number
  readonly cpuUsPerOperation: Readonly<Record<string, number>>
  readonly p50Ms?: number
  readonly p99Ms?: number
}

/**
 * Every round runs every candidate once, each round beginning with the next one, so that whatever else
 * the machine does falls on all of them alike.
 */
export const interleave = async (
  candidates: readonly Candidate[],
  rounds: number,
  say: (line: string) => void,
): Promise<Rounds> => {
  const found = new Map(candidates.map(({ name }) => [name, new Array<Measured>()]))
  for (let round = 0; round < rounds; round++) {
    const first = round % candidates.length
    for (const { name, run } of [...candidates.slice(first), ...candidates.slice(0, first)]) {
      const measured = await run()
      found.get(name)?.push(measured)
      say(`round ${String(round + 1)}/${String(rounds)} ${name}: ${roundLine(measured)}`)
    }
  }
  return found
}

const roundLine = (measured: Measured): string => {
  const usOf = ([name, us]: readonly [string, number]): string =>
    `${name} ${String(Math.round(us / measured.operations))} µs`
  const cpu = Object.entries(measured.cpuUs).map(usOf).join(', ')
  return `${String(Math.round(perSecondOf(measured)))}/s, CPU ${cpu}`
}

/** The median over the rounds of `a` divided by `b` of the same round. */
export const ratioOf = (
  rounds: Rounds,
  [a, b]: readonly [string, string],
  value: (measured: Measured) => number = perSecondOf,
): number => {
  const above = rounds.get(a) ?? []
  const below = rounds.get(b) ?? []
  const pairs = above.flatMap((measured, at) => {
    const other = below[at]
    return other === undefined ? [] : [value(measured) / value(other)]
  })
  return rounded(median(pairs), 4)
}

export const perSecondOf = ({ operations, seconds }: Measured): number => operations / seconds

export const p99Of = ({ p99Ms }: Measured): number => p99Ms ?? Number.NaN

export const summarise = (measured: readonly Measured[]): Summary => {
  const processes = new Set(measured.flatMap(({ cpuUs }) => Object.keys(cpuUs)))
  const timed = measured.filter(({ p50Ms }) => p50Ms !== undefined)
  return {
    perSecond: Math.round(median(measured.map(perSecondOf))),
    cpuUsPerOperation: Object.fromEntries(
      [...processes].map((name) => [
        name,
        rounded(median(measured.map(({ cpuUs, operations }) => (cpuUs[name] ?? 0) / operations))),
      ]),
    ),
    ...(timed.length === 0
      ? {}
      : {
          p50Ms: rounded(median(timed.map(({ p50Ms = 0 }) => p50Ms)), 2),
          p99Ms: rounded(median(timed.map(({ p99Ms = 0 }) => p99Ms)), 2),
        }),
  }
}

/** Lower and upper middle averaged; NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? Number.NaN
  const high = sorted[Math.ceil(middle)] ?? Number.NaN
  return (low + high) / 2
}

export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))

/** A summary as one line of a table. */
export const summaryRow = ({
  name,
  perSecond,
  cpuUsPerOperation,
  p50Ms,
  p99Ms,
}: Summary & { readonly name: string }): Readonly<Record<string, string | number>> => ({
  work: name,
  'per second': perSecond,
  ...(p50Ms === undefined ? {} : { 'p50 ms': p50Ms }),
  ...(p99Ms === undefined ? {} : { 'p99 ms': p99Ms }),
  ...Object.fromEntries(Object.entries(cpuUsPerOperation).map(([of, us]) => [`µs ${of}`, us])),
})
