import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { addResult, emptySummary } from '../verification/conformance/suite.ts'
import { UsageError } from './command-error.ts'
import { judgeCases, type CaseLimits, type StartCases } from './conformance/judge-cases.ts'
import { runCaseProcess } from './conformance/run-case-process.ts'
import { suites } from './conformance/suites.ts'
import type { Io } from './io.ts'
import { packageRoot } from './package-root.ts'

const limits: CaseLimits = { cpuMs: 1000, wallMs: 60_000 }

/** Prints one JSON line per case and a summary line last; exit code 0 when every case was run. */
export const conformanceCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { name, file, from } = readArgs(args)
  const load = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (load === undefined || file === undefined)
    throw new UsageError(`SUITE FILE; SUITE is one of ${Object.keys(suites).join(', ')}`)
  const path = resolve(io.workingDir, file)
  if (from !== undefined) {
    await runCaseProcess(await load(), { path, from, now: io.now() })
    return 0
  }
  if (!existsSync(path)) throw new UsageError(`读不了文件 / no such file: ${file}`)
  let summary = emptySummary
  for await (const result of judgeCases(startCases(name, path), limits)) {
    summary = addResult(summary, result)
    io.out(`${JSON.stringify(result)}\n`)
  }
  io.out(`${JSON.stringify({ summary: true, ...summary })}\n`)
  return 0
}

/** The cases' process is this command again, told where to begin. */
const startCases =
  (name: string, path: string): StartCases =>
  (from) =>
    fork(
      join(packageRoot, 'src', 'cli', 'zhengqiao.js'),
      ['conformance', name, path, '--from', String(from)],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )

type Arguments = {
  readonly name: string
  readonly file: string | undefined
  readonly from: number | undefined
}

const readArgs = (args: readonly string[]): Arguments => {
  const { values, positionals } = parse(args)
  const [name = '', file, more] = positionals
  if (values.from !== undefined && !process.connected) throw new UsageError('--from')
  const from = values.from === undefined ? undefined : Number(values.from)
  return { name, file: more === undefined ? file : undefined, from }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { from: { type: 'string' } },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
