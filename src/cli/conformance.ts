import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseJson } from '../crypto/parse-json.ts'
import {
  addResult,
  emptySummary,
  type RunSuite,
  type SuiteInput,
} from '../verification/conformance/suite.ts'
import { UsageError } from './command-error.ts'
import type { Io } from './io.ts'

/** Each suite is loaded when it is run. */
const suites: Readonly<Record<string, () => Promise<RunSuite>>> = {
  pkits: async () => (await import('../verification/conformance/run-pkits-suite.ts')).runPkitsSuite,
  limbo: async () => (await import('../verification/conformance/run-limbo-suite.ts')).runLimboSuite,
  'wycheproof-sig': async () =>
    (await import('../verification/conformance/run-wycheproof-sig-suite.ts')).runWycheproofSigSuite,
  'wycheproof-jws': async () =>
    (await import('../verification/conformance/run-wycheproof-jws-suite.ts')).runWycheproofJwsSuite,
  merkle: async () =>
    (await import('../verification/conformance/run-merkle-suite.ts')).runMerkleSuite,
  'sd-jwt': async () =>
    (await import('../verification/conformance/run-sd-jwt-suite.ts')).runSdJwtSuite,
}

/** Prints one JSON line per case and a summary line last; exit code 0 when every case was run. */
export const conformanceCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const [name = '', file, more] = args
  const load = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (load === undefined || file === undefined || more !== undefined)
    throw new UsageError(`SUITE FILE; SUITE is one of ${Object.keys(suites).join(', ')}`)
  const runSuite = await load()
  let summary = emptySummary
  for await (const result of runSuite(await openSuite(resolve(io.workingDir, file), io.now()))) {
    summary = addResult(summary, result)
    io.out(`${JSON.stringify(result)}\n`)
  }
  io.out(`${JSON.stringify({ summary: true, ...summary })}\n`)
  return 0
}

const openSuite = async (path: string, now: Date): Promise<SuiteInput> => ({
  json: parseJson(await readFile(path)),
  now,
  readBeside: (relative) => readFile(resolve(dirname(path), relative)),
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
})
