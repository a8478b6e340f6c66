import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { digestNameOf } from '../crypto/algorithms.ts'
import { digestText } from '../crypto/digest.ts'
import { type HallSpec, hallSpecSchema } from '../halls/hall-spec.ts'
import { disableHall, listHalls, saveHall } from '../halls/hall-store.ts'
import { openStore } from '../store/open-store.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import { changeHalls } from './hall/change-halls.ts'
import { runSimulator } from './hall/run-simulator.ts'
import { testHall } from './hall/test-hall.ts'
import { watchCommand } from './hall/watch.ts'
import type { Io } from './io.ts'
import { readGatewayFile } from './read-gateway-file.ts'

type Given = ReturnType<typeof readArguments> & { readonly io: Io }

/** `zhengqiao hall sim|test|set|list|remove|watch`. */
export const hallCommand = async (
  [verb = '', ...args]: readonly string[],
  io: Io,
): Promise<number> => {
  if (verb === 'watch') return watchCommand(args, io)
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (run === undefined) throw new UsageError([...Object.keys(verbs), 'watch'].join(' | '))
  return run({ ...readArguments(args), io })
}

const readArguments = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        'control-port': { type: 'string', default: '0' },
        database: { type: 'string' },
      },
    })
    return { words: positionals, values }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const simulate = async ({ words, values, io }: Given): Promise<number> => {
  const config = readConfig(io.env, io.workingDir)
  await runSimulator(
    {
      hallId: only(words),
      config,
      port: portOf(values.port),
      controlPort: portOf(values['control-port']),
      databaseUrl: values.database,
    },
    io,
    (facts) => {
      io.out(
        values.json
          ? `${JSON.stringify({ ready: true, ...facts })}\n`
          : `zhengqiao hall ready ${facts['url'] ?? ''} · 控制口 / control ${facts['controlUrl'] ?? ''} · ${facts['row'] ?? ''}\n`,
      )
    },
  )
  return 0
}

const portOf = (text: string): number => {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port')
  return port
}

const set = async ({ words, values, io }: Given): Promise<number> => {
  if (words.length === 0) throw new UsageError('FILE...')
  const read = await Promise.all(words.map((file) => readSpec(file, io)))
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  const digestName = digestNameOf(gateway.profile)
  const receiptNo = await changeHalls(
    { config, gateway, io },
    {
      action: 'hall.connect',
      detail: read.map(({ spec, text }) => ({
        hallId: spec.hallId,
        digest: digestText(digestName, text),
      })),
      run: async (tx) => {
        for (const [position, { spec }] of read.entries())
          await saveHall(tx, spec, { position, now: io.now() })
      },
    },
  )
  const halls = read.map(({ spec }) => spec.hallId)
  io.out(
    values.json
      ? `${JSON.stringify({ halls, receiptNo })}\n`
      : `✓ ${halls.join('、')}:下次启动网关时接入 / connected from the next start on;用证记录 ${receiptNo}\n`,
  )
  return 0
}

const readSpec = async (
  file: string,
  io: Io,
): Promise<{ readonly spec: HallSpec; readonly text: string }> => {
  const text = await readFile(resolve(io.workingDir, file), 'utf8').catch(() => undefined)
  if (text === undefined) throw new CommandFailure(`读不了文件 / cannot read: ${file}`)
  const spec = hallSpecSchema.safeParse(parse(text))
  if (spec.success) return { spec: spec.data, text }
  const faults = spec.error.issues.map(({ path, message }) => `  /${path.join('/')}: ${message}`)
  throw new CommandFailure([`大厅配置不正确 / not a hall: ${file}`, ...faults].join('\n'))
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const list = async ({ values, io }: Given): Promise<number> => {
  const { specs, problems } = await readHalls(io)
  const shown = specs.map(({ hallId, nameZh, department }) => ({ hallId, nameZh, department }))
  if (values.json) io.out(`${JSON.stringify({ halls: shown, problems })}\n`)
  else {
    for (const { hallId, nameZh, department } of shown)
      io.out(`${hallId}  ${nameZh}  ${department}\n`)
    for (const problem of problems) io.out(`✗ ${problem}\n`)
  }
  return problems.length === 0 ? 0 : 1
}

const remove = async ({ words, values, io }: Given): Promise<number> => {
  const hallId = only(words)
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  const receiptNo = await changeHalls(
    { config, gateway, io },
    {
      action: 'hall.disconnect',
      detail: { hallId },
      run: async (tx) => {
        if (!(await disableHall(tx, hallId, io.now())))
          throw new CommandFailure(`没有接入这个大厅 / no such hall: ${hallId}`)
      },
    },
  )
  io.out(
    values.json
      ? `${JSON.stringify({ hallId, receiptNo })}\n`
      : `✓ ${hallId} 已断开,下次启动时生效 / disconnected;用证记录 ${receiptNo}\n`,
  )
  return 0
}

const stepsZh = { probe: '连接', feed: '业务' } as const

const test = async ({ words, values, io }: Given): Promise<number> => {
  const hallId = only(words)
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  const { specs } = await readHalls(io)
  const spec = specs.find((each) => each.hallId === hallId)
  if (spec === undefined) throw new CommandFailure(`没有接入这个大厅 / no such hall: ${hallId}`)
  const found = await testHall(spec, config, gateway, io)
  if (values.json) io.out(`${JSON.stringify(found)}\n`)
  else
    for (const { step, ok, tookMs, sentence, cause } of found.steps)
      io.out(
        `${ok ? '✓' : '✗'} ${stepsZh[step]} ${step}  ${String(tookMs)} ms  ${sentence}${cause === null ? '' : ` [${cause}]`}\n`,
      )
  return found.ok ? 0 : 1
}

const readHalls = async (io: Io): ReturnType<typeof listHalls> => {
  const config = readConfig(io.env, io.workingDir)
  await readGatewayFile(config)
  const { databaseUrl, dataDir } = config
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    return await listHalls(store.db)
  } finally {
    await store.close()
  }
}

const only = ([word, more]: readonly string[]): string => {
  if (word === undefined || more !== undefined) throw new UsageError('NAME')
  return word
}

const verbs: Readonly<Record<string, (given: Given) => Promise<number>>> = {
  sim: simulate,
  test,
  set,
  list,
  remove,
}
