import { z } from 'zod'
import { startCpuClock } from './cpu-clock.ts'
import { databasePids } from './database-figures-store.ts'
import type { Part } from './part.ts'
import { type Candidate, type Measured, median, rounded } from './rounds.ts'
import type { Scene } from './scene.ts'

const operations = 6000
const concurrency = 32

export const filingReportSchema = z.object({
  operations: z.int(),
  seconds: z.number(),
  /** Checkpoint signatures; 0 for the peer, which signs nothing. */
  signatures: z.int(),
})

export type FilingCandidates = {
  readonly candidates: readonly Candidate[]
  readonly signaturesPerSecond: () => number
}

/**
 * P3 in a process without HTTP: the ledger against a writer that keeps the same evidence (event, nonce,
 * request) with one INSERT and one commit an event, both with as many filings under way as a gateway has.
 */
export const openFilingCandidates = async (scene: Scene): Promise<FilingCandidates> => {
  const part = await scene.startPart('filing')
  const { folder } = scene.city
  await part.ask(z.object({}), {
    ask: 'open',
    databaseUrl: scene.store.url,
    dataKeys: folder.dataKeys,
    noteKey: folder.noteKey,
  })
  const signaturesPerSecond: number[] = []
  const candidate = (name: string, how: 'batched' | 'each' | 'bareInsert'): Candidate => ({
    name,
    run: async () => {
      const { signatures, ...measured } = await measure(scene, part, how)
      if (how === 'batched') signaturesPerSecond.push(signatures / measured.seconds)
      return measured
    },
  })
  const candidates = [
    candidate('filed in batches', 'batched'),
    candidate('one commit an event', 'each'),
    candidate('one bare INSERT an event', 'bareInsert'),
  ].filter(({ name }) => scene.options.only?.includes(name) ?? true)
  for (const { run } of candidates) await run()
  return { candidates, signaturesPerSecond: () => rounded(median(signaturesPerSecond)) }
}

const measure = async (
  { store, options }: Scene,
  part: Part,
  how: string,
): Promise<Measured & { readonly signatures: number }> => {
  const clock = await startCpuClock({
    writer: async () => [part.pid],
    postgres: () => databasePids(store),
  })
  const count = Math.ceil(operations * options.scale)
  const report = await part.ask(filingReportSchema, { ask: 'run', how, count, concurrency })
  return { ...report, cpuUs: await clock.stop() }
}
