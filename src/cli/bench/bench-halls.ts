import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { simulatedHallIds } from '../../../adapters/simulated-halls.ts'
import { readConfig } from '../../config.ts'
import { createDispatcher, type Dispatcher } from '../../halls/dispatcher.ts'
import { hallSpecSchema } from '../../halls/hall-spec.ts'
import { makeTicketStore } from '../../halls/hall-ticket-store.ts'
import type { OpenHall } from '../../halls/open-halls.ts'
import { removeCluster } from '../../store/embedded-cluster.ts'
import { createDataKeys, loadDataKeys } from '../../store/data-keys.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { runMigrations } from '../../store/run-migrations.ts'
import { tellSimulator } from '../hall/tell-simulator.ts'
import { migrationsDir } from '../package-root.ts'
import type { Bench, BenchOptions } from './bench.ts'
import { type HallSimulator, startHallSimulator } from './hall-simulator-process.ts'
import { openTimedHalls, type OwnTimes } from './timed-halls.ts'
import { median, rounded } from './rounds.ts'

const deadlineMs = 8_000
/** The last set begins before the first one's deadline, so that all are under way at once. */
const startsWithinMs = 7_500
const graceMs = 100
const setsAtOnce = 200
/** A round takes forty seconds, most of it waiting. */
const roundsMax = 3
const silent = 'housing-fund'
const erring = 'police-vehicle'

/**
 * P8: 200 fetch sets at once over the five halls, which are processes of their own; one never answers,
 * one refuses. How long a set takes beside its deadline, and what the healthy halls' latency is beside
 * the same load without faults; each round both, by turns.
 */
export const benchHalls: Bench = async ({ rounds: wanted, say, io }) => {
  const rounds = Math.min(wanted, roundsMax)
  const scene = await openScene(io)
  try {
    const found: Round[] = []
    for (let round = 0; round < rounds; round++) {
      found.push(await measureRound(scene))
      say(`round ${String(round + 1)}/${String(rounds)}`)
    }
    return resultOf(found)
  } finally {
    await scene.close()
  }
}

type Scene = {
  readonly store: Store
  readonly simulators: readonly HallSimulator[]
  readonly open: (
    times: OwnTimes,
  ) => Promise<{ dispatcher: Dispatcher; close: () => Promise<void> }>
  readonly close: () => Promise<void>
}

const openScene = async (io: BenchOptions['io']): Promise<Scene> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-bench-halls-'))
  await chmod(dataDir, 0o711)
  const env = { ...io.env, ZHENGQIAO_DATA: dataDir, ZHENGQIAO_CITY_DATE: '2018-11-30' }
  const config = readConfig(env, dataDir)
  const store = await openStore({ dataDir })
  await runMigrations(store, migrationsDir)
  await openConnections(store)
  const simulators = await Promise.all(
    simulatedHallIds.map((hallId) => startHallSimulator(hallId, env)),
  )
  const specs = await Promise.all(
    simulators.map(async ({ rowFile }) =>
      hallSpecSchema.parse(JSON.parse(await readFile(rowFile, 'utf8'))),
    ),
  )
  const clock = { now: io.now, cityDate: () => '2018-11-30' }
  const keys = loadDataKeys(createDataKeys(randomBytes))
  const tickets = makeTicketStore({ store, keys, clock, random: randomBytes })
  return {
    store,
    simulators,
    open: async (times) => {
      const halls: readonly OpenHall[] = await openTimedHalls(specs, { config, clock, times })
      const dispatcher = createDispatcher({
        halls,
        clock,
        elapsedMs: () => performance.now(),
        log: () => undefined,
        tickets,
        announce: () => undefined,
        indexOf: (text) => keys.index('subject', text).index,
      })
      return { dispatcher, close: dispatcher.close }
    },
    close: async () => {
      await Promise.all(simulators.map(({ stop }) => stop()))
      await store.close()
      await removeCluster(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A connection is made by a process of its own at the database, which is not what is measured. */
const openConnections = async ({ pool }: Store): Promise<void> => {
  const clients = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
  for (const client of clients) client.release()
}

type Sets = {
  /** Whole sets, milliseconds. */
  readonly sets: readonly number[]
  /** Answers of the halls without a fault. */
  readonly healthy: readonly number[]
  /** What the gateway added to the hall's own time, per answer. */
  readonly added: readonly number[]
}
type Round = { readonly well: Sets; readonly ill: Sets; readonly greenMs: number }

const measureRound = async (scene: Scene): Promise<Round> => {
  const well = await withDispatcher(scene, (dispatcher, times) => runSets(dispatcher, times))
  await scene.simulators.find(({ hallId }) => hallId === silent)?.tell('hang')
  await scene.simulators.find(({ hallId }) => hallId === erring)?.tell('refuse')
  return withDispatcher(scene, async (dispatcher, times) => {
    const ill = await runSets(dispatcher, times)
    for (const { controlUrl, hallId } of scene.simulators)
      if (hallId === silent || hallId === erring) await tellSimulator(controlUrl, 'up')
    return { well, ill, greenMs: await untilGreen(dispatcher) }
  })
}

const withDispatcher = async <Result>(
  scene: Scene,
  use: (dispatcher: Dispatcher, times: OwnTimes) => Promise<Result>,
): Promise<Result> => {
  const times: OwnTimes = new Map()
  const { dispatcher, close } = await scene.open(times)
  try {
    // Tokens and connections are made before anything is measured.
    await oneSet(dispatcher, deadlineMs)
    return await use(dispatcher, times)
  } finally {
    await close()
  }
}

const person = { idType: '111', id: '370299190001010013', name: '测试齐全' }
const typeCodes = [
  '11370299003700010A001',
  '113702990037000297016',
  '113702990037000372005',
  '11370299003700053P009',
  '11370299003700061J011',
]

const oneSet = (dispatcher: Dispatcher, waitMs: number, caseId = randomUUID()) =>
  dispatcher.collectMaterials(
    typeCodes.map((typeCode) => ({ materialCode: typeCode, typeCode, holder: person })),
    {
      requestId: caseId,
      callerId: 'clerk-city',
      caseId,
      caseNo: caseId,
      itemCode: 'QD-YL-001',
      operator: { id: 'clerk-city-001', name: '孙晓琳', organisationCode: '11370299003700248H' },
      waitMs,
    },
  )

const runSets = async (dispatcher: Dispatcher, times: OwnTimes): Promise<Sets> => {
  const sets: number[] = []
  const healthy: number[] = []
  const added: number[] = []
  await Promise.all(
    Array.from({ length: setsAtOnce }, async (_, at) => {
      await sleep((at * startsWithinMs) / setsAtOnce)
      const caseId = randomUUID()
      const startedMs = performance.now()
      const findings = await oneSet(dispatcher, deadlineMs, caseId)
      sets.push(performance.now() - startedMs)
      for (const { hallId = '', tookMs, outcome } of findings) {
        if (hallId === silent || hallId === erring || outcome.state === 'failed') continue
        healthy.push(tookMs)
        const own = times.get(`${caseId} ${hallId}`)
        if (own !== undefined) added.push(tookMs - own)
      }
    }),
  )
  return { sets, healthy, added }
}

const untilGreen = async (dispatcher: Dispatcher): Promise<number> => {
  const startedMs = performance.now()
  const ill = [silent, erring]
  const isGreen = (): boolean =>
    dispatcher.states().every(({ hallId, colour }) => !ill.includes(hallId) || colour === 'green')
  while (!isGreen()) {
    if (performance.now() - startedMs > 60_000) return Number.POSITIVE_INFINITY
    await sleep(50)
  }
  return performance.now() - startedMs
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ] ?? Number.NaN

const resultOf = (rounds: readonly Round[]): Awaited<ReturnType<Bench>> => {
  const over = (read: (round: Round) => number): number => median(rounds.map(read))
  const details = {
    deadlineMs,
    setsAtOnce,
    rounds: rounds.length,
    setP50Ms: rounded(over(({ ill }) => percentile(ill.sets, 0.5))),
    setP99Ms: rounded(over(({ ill }) => percentile(ill.sets, 0.99))),
    setMaxMs: rounded(Math.max(...rounds.flatMap(({ ill }) => ill.sets))),
    healthyP50Ms: rounded(over(({ ill }) => percentile(ill.healthy, 0.5))),
    healthyP50WithoutFaultMs: rounded(over(({ well }) => percentile(well.healthy, 0.5))),
    healthyP95Ratio: rounded(
      over(({ well, ill }) => percentile(ill.healthy, 0.95) / percentile(well.healthy, 0.95)),
      3,
    ),
    addedP50Ms: rounded(
      over(({ ill }) => percentile(ill.added, 0.5)),
      2,
    ),
    addedP95Ms: rounded(
      over(({ ill }) => percentile(ill.added, 0.95)),
      2,
    ),
    addedP95WithoutFaultMs: rounded(
      over(({ well }) => percentile(well.added, 0.95)),
      2,
    ),
    secondsToGreen: rounded(Math.max(...rounds.map(({ greenMs }) => greenMs)) / 1000),
  }
  const ratios = {
    'P8.deadline': rounded(
      over(({ ill }) => percentile(ill.sets, 0.99) / (deadlineMs + graceMs)),
      4,
    ),
    'P8.healthy': rounded(
      over(({ well, ill }) => percentile(ill.healthy, 0.5) / percentile(well.healthy, 0.5)),
      4,
    ),
  }
  return { name: 'halls', ratios, details, tables: [{ title: 'five halls', rows: [details] }] }
}
