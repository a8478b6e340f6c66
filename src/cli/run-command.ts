import { z } from 'zod'
import { ConfigError } from '../config.ts'
import { GatewayError } from '../contract/error.ts'
import { StoreError } from '../store/store-error.ts'
import type { Command } from './command-spec.ts'
import { commands } from './commands.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'
import { nearestWord } from './nearest-word.ts'
import { packageVersion } from './package-root.ts'

const exitFailed = 1
const exitUsage = 3

/**
 * Runs `zhengqiao ARGS`. @returns the exit code: 0 done, 1 failed, 2 indeterminate (verify), 3 usage.
 * Expected failures print one sentence; anything else prints its stack, since it is our bug.
 */
export const runCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const [name, ...rest] = args
  if (name === undefined) {
    io.out(overview())
    return exitUsage
  }
  if (['help', '--help', '-h'].includes(name)) {
    const about = commands.find((command) => command.name === rest[0])
    io.out(about === undefined ? overview() : `${about.usage}\n`)
    return 0
  }
  if (['version', '--version'].includes(name)) {
    io.out(`${await packageVersion()}\n`)
    return 0
  }
  return runNamed(name, rest, io)
}

const runNamed = async (name: string, args: readonly string[], io: Io): Promise<number> => {
  const command = commands.find((each) => each.name === name)
  if (command === undefined) {
    io.err(unknownCommand(name))
    return exitUsage
  }
  if (args.some((word) => word === '--help' || word === '-h')) {
    io.out(`${command.usage}\n`)
    return 0
  }
  return runOne(command, args, io)
}

const unknownCommand = (name: string): string => {
  const near = nearestWord(
    name,
    commands.map((command) => command.name),
  )
  const advice = near === undefined ? '' : `是否想用 / did you mean: zhengqiao ${near}\n`
  return `没有命令“${name}” / no such command\n${advice}zhengqiao --help\n`
}

const runOne = async (command: Command, args: readonly string[], io: Io): Promise<number> => {
  try {
    const run = await command.load()
    return await run(args, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n${suggestion(command, args)}\n${command.usage}\n`)
      return exitUsage
    }
    io.err(`${sentenceOf(error)}\n`)
    return exitFailed
  }
}

/** For a misspelt option or verb: the nearest one that the command's own help names. */
const suggestion = ({ usage, name }: Command, args: readonly string[]): string => {
  const options = new Set(usage.match(/--[a-z][a-z-]*/g) ?? [])
  const verbs = [...usage.matchAll(new RegExp(`zhengqiao ${name} ([a-z][a-z-]*)`, 'g'))].map(
    ([, verb = '']) => verb,
  )
  const [verb = ''] = args
  const wrong = args
    .map((word) => word.split('=')[0] ?? '')
    .find((word) => word.startsWith('--') && !options.has(word))
  const near =
    wrong !== undefined
      ? nearestWord(wrong, [...options])
      : verb === '' || verbs.includes(verb)
        ? undefined
        : nearestWord(verb, verbs)
  return near === undefined ? '' : `是否想用 / did you mean: ${near}\n`
}

const sentenceOf = (error: unknown): string => {
  if (error instanceof CommandFailure || error instanceof ConfigError) return error.message
  if (error instanceof StoreError) return error.message
  if (error instanceof GatewayError) {
    const places = error.errors.map(({ pointer, detail }) => `  ${pointer}: ${detail}`)
    return [`${error.code}: ${error.publicMessage}`, ...places].join('\n')
  }
  return (
    addressTaken(error) ??
    fileRefused(error) ??
    (error instanceof Error ? (error.stack ?? error.message) : String(error))
  )
}

const addressErrors = z.object({
  code: z.enum(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL']),
  syscall: z.enum(['listen', 'bind']),
  address: z.string().optional(),
  port: z.int().optional(),
})

const addressReasons = {
  EADDRINUSE: '已被占用 / is taken',
  EACCES: '没有权限使用 / may not be used by this account',
  EADDRNOTAVAIL: '不是本机地址 / is not an address of this machine',
} as const

/** What stands in the way of listening: the machine's matter, not ours. */
const addressTaken = (error: unknown): string | undefined => {
  const { data } = addressErrors.safeParse(error)
  if (data === undefined) return undefined
  const place = [data.address, data.port].filter((part) => part !== undefined).join(':')
  return `${place} ${addressReasons[data.code]}。改用 / choose another: ZHENGQIAO_HOST, ZHENGQIAO_PORT; 查看 / see: zhengqiao doctor`
}

const fileErrors = z.object({
  code: z.enum(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']),
  path: z.string(),
})

const fileReasons = {
  EACCES: '没有权限 / permission denied',
  EPERM: '没有权限 / permission denied',
  EROFS: '只读 / read-only',
  ENOSPC: '磁盘已满 / no space left',
  ENOTDIR: '不是文件夹 / not a folder',
  EISDIR: '是文件夹 / is a folder',
  ENAMETOOLONG: '名称过长 / name too long',
} as const

/** What the machine's files refuse: where, and why. */
const fileRefused = (error: unknown): string | undefined => {
  const { data } = fileErrors.safeParse(error)
  return data && `${data.path}: ${fileReasons[data.code]}`
}

const overview = (): string => {
  const shown = commands.filter(({ isInternal }) => isInternal !== true)
  const width = Math.max(...shown.map(({ name }) => name.length))
  const lines = shown.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `zhengqiao 证桥 — 城市电子证照共享网关 / the gateway through which a city shares its e-licences

${lines.join('\n')}

zhengqiao COMMAND --help    用法与示例 / usage with examples
zhengqiao --version

退出码 / exit codes: 0 成功 done · 1 失败或被拒绝 failed or refused · 2 无法判定或须留意 indeterminate, attention ·
3 用法错误 usage. 密钥只从文件读取 / keys are read from files only. NO_COLOR=1 不用颜色 / no colour.
开始 / begin: zhengqiao demo
`
}
