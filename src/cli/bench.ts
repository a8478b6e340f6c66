import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, BenchOptions } from './bench/bench.ts'
import { printResult } from './bench/print-result.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'

/** Each bench is loaded when it is run. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  http: async () => (await import('./bench/bench-http.ts')).benchHttp,
  stock: async () => (await import('./bench/bench-stock.ts')).benchStock,
  growth: async () => (await import('./bench/bench-growth.ts')).benchGrowth,
  bytes: async () => (await import('./bench/bench-bytes.ts')).benchBytes,
  halls: async () => (await import('./bench/bench-halls.ts')).benchHalls,
  gm: async () => (await import('./bench/bench-gm.ts')).benchGm,
  verify: async () => (await import('./bench/bench-verify.ts')).benchVerify,
}

/**
 * `zhengqiao bench NAME`: measures and compares within one run, prints a table or with --json one JSON
 * object on the last line, and keeps the same in bench-results/.
 */
export const benchCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { name, values } = readArgs(args)
  if (values.part !== undefined) return runPart(values.part, io)
  const load = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (load === undefined) throw new UsageError(`NAME: ${Object.keys(benches).join(', ')}`)
  const bench = await loadBench(load)
  const result = await bench(optionsOf(values, io))
  const { ratios, details } = result
  const text = JSON.stringify({ name, ratios, details })
  const resultsDir = join(io.workingDir, 'bench-results')
  await mkdir(resultsDir, { recursive: true })
  await writeFile(join(resultsDir, `${name}.json`), `${text}\n`)
  io.out(values.json === true ? `${text}\n` : `\n${printResult(result)}`)
  return 0
}

/** Peers are libraries for development: an installed package does not have them. */
const loadBench = async (load: () => Promise<Bench>): Promise<Bench> => {
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'))
      throw error
    throw new CommandFailure(
      '对照用的库只在源代码仓库里(npm ci 之后) / what it compares with is in a clone of the repository only, after npm ci',
    )
  }
}

/** A bench's other processes are this command again; loaded apart, so that they carry nothing else. */
const runPart = async (name: string, io: Io): Promise<number> => {
  const parts: Readonly<Record<string, () => Promise<(io: Io) => Promise<number>>>> = {
    load: async () => (await import('./bench/load/load-part.ts')).loadPart,
    bare: async () => (await import('./bench/peers/bare-part.ts')).barePart,
    filing: async () => (await import('./bench/filing-part.ts')).filingPart,
  }
  const load = Object.hasOwn(parts, name) ? parts[name] : undefined
  if (load === undefined || !process.connected) throw new UsageError('--part')
  const run = await load()
  // A peer's server would keep the process alive when the bench is over.
  process.exit(await run(io))
}

type Values = ReturnType<typeof readArgs>['values']

const optionsOf = (values: Values, io: Io): BenchOptions => ({
  rounds: numberOf(values.rounds, 5, '--rounds'),
  licences: values.licences === undefined ? undefined : numberOf(values.licences, 1, '--licences'),
  scale: numberOf(values.scale, 1, '--scale'),
  only: values.only?.split(','),
  folder: values.folder === undefined ? undefined : resolve(io.workingDir, values.folder),
  profileDir: values.profile === undefined ? undefined : resolve(io.workingDir, values.profile),
  say: (line) => {
    io.err(`${line}\n`)
  },
  io,
})

const numberOf = (text: string | undefined, usual: number, option: string): number => {
  const value = text === undefined ? usual : Number(text)
  if (!(value > 0)) throw new UsageError(`${option}: 须为正数 / must be a positive number`)
  return value
}

const readArgs = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        rounds: { type: 'string' },
        licences: { type: 'string' },
        scale: { type: 'string' },
        folder: { type: 'string' },
        profile: { type: 'string' },
        only: { type: 'string' },
        part: { type: 'string' },
      },
    })
    return { name: positionals[0] ?? '', values }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
