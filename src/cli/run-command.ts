import { ConfigError } from '../config.ts'
import { GatewayError } from '../contract/error.ts'
import { StoreError } from '../store/store-error.ts'
import type { Command } from './command-spec.ts'
import { commands } from './commands.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'

const exitFailed = 1
const exitUsage = 3

/**
 * Runs `zhengqiao ARGS`. @returns the exit code: 0 done, 1 failed, 2 indeterminate (verify), 3 usage.
 * Expected failures print one sentence; anything else prints its stack, since it is our bug.
 */
export const runCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help') {
    io.out(overview())
    return name === undefined ? exitUsage : 0
  }
  const command = commands.find((each) => each.name === name)
  if (command === undefined) {
    io.err(`没有命令“${name}” / no such command\n\n${overview()}`)
    return exitUsage
  }
  if (rest.includes('--help')) {
    io.out(`${command.usage}\n`)
    return 0
  }
  return runOne(command, rest, io)
}

const runOne = async (command: Command, args: readonly string[], io: Io): Promise<number> => {
  try {
    const run = await command.load()
    return await run(args, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${command.usage}\n`)
      return exitUsage
    }
    io.err(`${sentenceOf(error)}\n`)
    return exitFailed
  }
}

const sentenceOf = (error: unknown): string => {
  if (error instanceof CommandFailure || error instanceof ConfigError) return error.message
  if (error instanceof StoreError) return error.message
  if (error instanceof GatewayError) {
    const places = error.errors.map(({ pointer, detail }) => `  ${pointer}: ${detail}`)
    return [`${error.code}: ${error.publicMessage}`, ...places].join('\n')
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

const overview = (): string => {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `zhengqiao 证桥\n\n${lines.join('\n')}\n\nzhengqiao COMMAND --help\n`
}
