import type { Json } from '../../contract/endpoint.ts'
import { readConfig } from '../../config.ts'
import type { Bench, BenchResult } from './bench.ts'
import { describeDatabase } from './database-figures-store.ts'
import { fillLicences } from './fill-store.ts'
import { openFilingCandidates } from './filing-candidates.ts'
import { openHttpCandidates } from './http-candidates.ts'
import { benchHolders, ensureRealLicences } from './real-licences.ts'
import { registerCases } from './register-cases.ts'
import { interleave, p99Of, ratioOf, type Rounds, summarise, summaryRow } from './rounds.ts'
import { withScene } from './scene.ts'

const holderCount = 2000
const usualLicences = 1_000_000

/** As `npm start` runs the gateway on this machine. */
const usualProcesses = (): number =>
  readConfig({ ZHENGQIAO_PROCESSES: process.env['ZHENGQIAO_PROCESSES'] ?? 'auto' }, '.').processes

/** P1, P2, P3: what a signed, evidenced exchange costs beside a bare look-up of the same row. */
export const benchHttp: Bench = (options) =>
  withScene(options, async (scene) => {
    const holders = benchHolders(holderCount)
    const { say, io, licences = usualLicences, rounds } = options
    const { store, city, dataKeys } = scene
    const { randomBytes } = io
    const real = { dataKeys, holders, now: io.now(), randomBytes }
    const blobBytes = await ensureRealLicences(store, city, real)
    const dataKeyId = dataKeys.current.keyId
    await fillLicences(store, { licences, blobBytes, dataKeyId }, say)
    const { gateway, load } = await scene.startGateway(usualProcesses())
    const cases = await registerCases(load, city, { holders, nowMs: io.now().getTime() })
    const http = await openHttpCandidates(scene, { gateway, load, cases })
    const exchanged = await interleave(http, rounds, say)
    // Only now: a second log beside the gateway's own would make it count operators' acts in both.
    const filing = await openFilingCandidates(scene)
    const filed = await interleave(filing.candidates, rounds, say)
    const found = new Map([...exchanged, ...filed])
    const details = {
      licences,
      connections: 32,
      processes: gateway.servers.length,
      signaturesPerSecond: filing.signaturesPerSecond(),
      database: await describeDatabase(store),
    }
    return resultOf(found, details)
  })

const resultOf = (rounds: Rounds, details: { readonly [name: string]: Json }): BenchResult => {
  const summaries = [...rounds].map(([name, measured]) => ({ name, ...summarise(measured) }))
  return {
    name: 'http',
    ratios: {
      P1: ratioOf(rounds, ['check', 'bare']),
      'P1.p99': ratioOf(rounds, ['check', 'bare'], p99Of),
      P2: ratioOf(rounds, ['fetch', 'bare']),
      P3: ratioOf(rounds, ['filed in batches', 'one commit an event']),
    },
    details: { ...details, candidates: summaries },
    tables: [{ title: 'CPU: µs an operation, by process', rows: summaries.map(summaryRow) }],
  }
}
