import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ZodError } from 'zod'
import { CryptoError } from '../crypto/crypto-error.ts'
import { addResult, emptySummary } from '../verification/conformance/suite.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import {
  judgeCases,
  SuiteUnreadable,
  type CaseLimits,
  type StartCases,
} from './conformance/judge-cases.ts'
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
    await runCaseProcess(await load(), { path, from, now: io.now() }).catch(notReadable(name))
    return 0
  }
  if (!existsSync(path)) throw new UsageError(`读不了文件 / no such file: ${file}`)
  let summary = emptySummary
  try {
    for await (const result of judgeCases(startCases(name, path), limits)) {
      summary = addResult(summary, result)
      io.out(`${JSON.stringify(result)}\n`)
    }
  } catch (error) {
    if (error instanceof SuiteUnreadable)
      throw new CommandFailure('没有判任何用例 / no case was judged')
    throw error
  }
  io.out(`${JSON.stringify({ summary: true, ...summary })}\n`)
  return 0
}

/** A file that is none of its suite is told in a sentence by the cases' process; anything else is our bug. */
const notReadable = (name: string) => (error: unknown) => {
  if (error instanceof CryptoError || error instanceof ZodError)
    throw new CommandFailure(`不是 ${name} 套件的文件 / no file of this suite: ${reasonOf(error)}`)
  throw error
}

const reasonOf = (error: CryptoError | ZodError): string =>
  error instanceof ZodError
    ? error.issues
        .map(({ path, message }) => `/${path.join('/')} ${message}`)
        .join('; ')
        .slice(0, 300)
    : error.message

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
