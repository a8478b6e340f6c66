import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { cityTimeOf } from '../contract/clock.ts'
import { UsageError } from './command-error.ts'
import { readControlUrl } from './hall/simulator-files.ts'
import { tellSimulator } from './hall/tell-simulator.ts'
import type { Io } from './io.ts'

/**
 * `zhengqiao drill hall-down NAME --minutes N`: takes a simulated hall away and gives it back, also when
 * the drill is broken off.
 */
export const drillCommand = async ([what, ...args]: readonly string[], io: Io): Promise<number> => {
  if (what !== 'hall-down') throw new UsageError('hall-down')
  const { hallId, minutes, isJson } = readArguments(args)
  const controlUrl = await readControlUrl(readConfig(io.env, io.workingDir).dataDir, hallId)
  const say = (state: 'down' | 'up', sentence: string): void => {
    const at = cityTimeOf(io.now())
    io.out(
      isJson ? `${JSON.stringify({ at, hallId, state })}\n` : `${at.slice(0, 19)}  ${sentence}\n`,
    )
  }
  await tellSimulator(controlUrl, 'down')
  say('down', `${hallId} 已中断 / is down`)
  const stop = new AbortController()
  try {
    await Promise.race([
      delay(minutes * 60_000, undefined, { signal: stop.signal }),
      io.untilStopped(),
    ])
  } finally {
    stop.abort()
    await tellSimulator(controlUrl, 'up')
    say('up', `${hallId} 已恢复 / is back`)
  }
  return 0
}

const readArguments = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        minutes: { type: 'string', default: '5' },
        json: { type: 'boolean', default: false },
      },
    })
    const [hallId, more] = positionals
    const minutes = Number(values.minutes)
    if (hallId !== undefined && more === undefined && minutes > 0 && minutes <= 24 * 60)
      return { hallId, minutes, isJson: values.json }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  throw new UsageError('NAME --minutes N')
}
