import type { Bench, BenchResult } from './bench.ts'
import { copyAgain, openCopyPeer } from './copy-peer-store.ts'
import { startCpuClock } from './cpu-clock.ts'
import { databasePids } from './database-figures-store.ts'
import { peakMemoryOf } from './process-memory.ts'
import { type PushedLicences, pushLicences } from './push-licences.ts'
import { median, rounded } from './rounds.ts'
import { withScene } from './scene.ts'

const usualRows = 50_000

/**
 * P4: a department's load over HTTP (parsed, validated, encrypted, indexed, signed, released) beside COPY
 * of the licences' own rows into a table of the same shape and indexes, in rows a second.
 */
export const benchStock: Bench = (options) =>
  withScene(options, async (scene) => {
    const { say, rounds, licences = usualRows } = options
    const { gateway } = await scene.startGateway()
    const postgres = () => databasePids(scene.store)
    const clock = await startCpuClock({ server: async () => [gateway.pid], postgres }, [
      gateway.pid,
    ])
    say(`loading ${String(licences)} licences`)
    const pushed = await pushLicences(scene, licences)
    const cpuUs = await clock.stop()
    say(`loaded in ${String(rounded(pushed.releasedSeconds))} s`)
    await openCopyPeer(scene.store)
    const copiedPerSecond: number[] = []
    for (let round = 0; round < rounds; round++) {
      const { rows, seconds } = await copyAgain(scene.store)
      copiedPerSecond.push(rows / seconds)
      say(
        `round ${String(round + 1)}/${String(rounds)} COPY: ${String(Math.round(rows / seconds))} rows/s`,
      )
    }
    return resultOf(pushed, copiedPerSecond, {
      cpuUs,
      peakMegabytes: await peakMemoryOf(gateway.pid),
    })
  })

const resultOf = (
  pushed: PushedLicences,
  copied: readonly number[],
  used: { readonly cpuUs: Readonly<Record<string, number>>; readonly peakMegabytes: number },
): BenchResult => {
  const { rows, validatedSeconds, releasedSeconds } = pushed
  const loadedPerSecond = Math.round(rows / releasedSeconds)
  const copiedPerSecond = Math.round(median(copied))
  const cpuUsPerRow = Object.fromEntries(
    Object.entries(used.cpuUs).map(([name, us]) => [`µs ${name}`, rounded(us / rows)]),
  )
  const figures = { rows, loadedPerSecond, copiedPerSecond, peakMegabytes: used.peakMegabytes }
  return {
    name: 'stock',
    ratios: { P4: rounded(rows / releasedSeconds / median(copied), 4) },
    details: { ...figures, validatedSeconds, releasedSeconds, cpuUsPerRow },
    tables: [
      { title: 'load', rows: [figures] },
      { title: 'CPU a row', rows: [cpuUsPerRow] },
    ],
  }
}
