import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ConnectionError, EvidenceError, ProblemError } from '../../client/client-error.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { RunCommand } from '../command-spec.ts'
import type { Io } from '../io.ts'
import { type Desk, openDesk } from './desk.ts'
import type { Given } from './given.ts'

/** What a verb answers: `data` for --json, `lines` for people. */
export type Shown = {
  readonly data: unknown
  readonly lines: readonly string[]
  /** 1 for findings; default 0. */
  readonly exitCode?: 0 | 1
}

export type Verb = {
  /** Names of the words that must follow. */
  readonly operands: readonly string[]
  /** With this option, the words that must follow are others. */
  readonly unless?: { readonly option: string; readonly operands: readonly string[] }
  readonly options?: readonly string[]
  /** Options that may be given more than once. */
  readonly lists?: readonly string[]
  readonly run: (given: Given, desk: Desk) => Promise<Shown>
}

const common = ['key', 'url', 'connect', 'trust'] as const

/** One command of several verbs that talk to a gateway under a key folder. */
export const commandOf =
  (verbs: Readonly<Record<string, Verb>>): RunCommand =>
  async ([name = '', ...args], io) => {
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
    if (verb === undefined) throw new UsageError(Object.keys(verbs).join(' | '))
    const { given, json } = read(verb, args)
    const shown = await explained(() => verb.run(given, openDesk(given, io)))
    print(shown, json, io)
    return shown.exitCode ?? 0
  }

const read = (verb: Verb, args: readonly string[]) => {
  const { values, positionals } = parse(verb, args)
  const operands = operandsOf(verb, values)
  if (positionals.length !== operands.length)
    throw new UsageError(operands.join(' ') || '多余的参数 / too many words')
  const text = (option: string): string | undefined => {
    const value = values[option]
    return typeof value === 'string' ? value : undefined
  }
  const given: Given = {
    operands: positionals,
    text,
    need: (option) => {
      const value = text(option)
      if (value === undefined) throw new UsageError(`缺少 / missing: --${option}`)
      return value
    },
    list: (option) => {
      const value = values[option]
      return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
    },
  }
  return { given, json: values['json'] === true }
}

const operandsOf = (
  { operands, unless }: Verb,
  values: Readonly<Record<string, unknown>>,
): readonly string[] =>
  unless === undefined || values[unless.option] === undefined ? operands : unless.operands

const parse = ({ options = [], lists = [] }: Verb, args: readonly string[]) => {
  const config: NonNullable<ParseArgsConfig['options']> = { json: { type: 'boolean' } }
  for (const name of [...common, ...options]) config[name] = { type: 'string' }
  for (const name of lists) config[name] = { type: 'string', multiple: true }
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: config })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const explained = async (act: () => Promise<Shown>): Promise<Shown> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof ProblemError) {
      const places = error.errors.map(({ pointer, detail }) =>
        [pointer, detail].filter((each) => typeof each === 'string').join(': '),
      )
      throw new CommandFailure([`${error.code}: ${error.detail}`, ...places].join('\n  '))
    }
    if (error instanceof ConnectionError || error instanceof EvidenceError)
      throw new CommandFailure(`${error.name}: ${error.message}`)
    throw error
  }
}

const print = ({ data, lines }: Shown, json: boolean, io: Io): void => {
  if (json) io.out(`${JSON.stringify(data)}\n`)
  else for (const line of lines) io.out(`${line}\n`)
}
