import { findLicences } from '../../licences/licence-store.ts'
import type { Bench } from './bench.ts'
import { benchItem } from './bench-city.ts'
import { fillLicences } from './fill-store.ts'
import { benchHolders, ensureRealLicences } from './real-licences.ts'
import { median, rounded } from './rounds.ts'
import { type Scene, withScene } from './scene.ts'

const usualSizes = [10_000, 100_000, 1_000_000]
const holderCount = 2000
const lookUpsARound = 2000

/** P5: what one look-up of a holder's licence takes, one after the other, as the table grows. */
export const benchGrowth: Bench = (options) =>
  withScene(options, async (scene) => {
    const { say, io, rounds, licences } = options
    const { store, city, dataKeys } = scene
    const holders = benchHolders(holderCount)
    const real = { dataKeys, holders, now: io.now(), randomBytes: io.randomBytes }
    const blobBytes = await ensureRealLicences(store, city, real)
    const largest = licences ?? usualSizes.at(-1) ?? 0
    const p50Us = new Map<number, number>()
    for (const size of new Set([...usualSizes.filter((usual) => usual < largest), largest])) {
      const dataKeyId = dataKeys.current.keyId
      await fillLicences(store, { licences: size, blobBytes, dataKeyId }, say)
      await lookUp(scene)
      const found: number[] = []
      for (let round = 0; round < rounds; round++) found.push(await lookUp(scene))
      p50Us.set(size, rounded(median(found)))
      say(`${String(size)} licences: p50 ${String(p50Us.get(size))} µs`)
    }
    const [first = Number.NaN] = p50Us.values()
    const last = [...p50Us.values()].at(-1) ?? Number.NaN
    const bySize = Object.fromEntries([...p50Us].map(([size, us]) => [String(size), us]))
    return {
      name: 'growth',
      ratios: { P5: rounded(last / first, 3) },
      details: { p50Us: bySize },
      tables: [{ title: 'p50 of a look-up in µs, by licences in the table', rows: [bySize] }],
    }
  })

/** The median of a round, in µs. */
const lookUp = async ({ store, dataKeys, options }: Scene): Promise<number> => {
  const holders = benchHolders(holderCount)
  const times: number[] = []
  for (let at = 0; at < Math.ceil(lookUpsARound * options.scale); at++) {
    // Strides over the people, so that neighbours in the index are not asked one after the other.
    const holder = holders[(at * 769) % holders.length]
    if (holder === undefined) throw new RangeError('no holders')
    const query = { holder, typeCode: benchItem.typeCode }
    const startedAt = performance.now()
    const [found] = await findLicences(store.db, dataKeys, [query])
    times.push((performance.now() - startedAt) * 1000)
    if (found?.length !== 1) throw new Error('a licence was not found')
  }
  return median(times)
}
