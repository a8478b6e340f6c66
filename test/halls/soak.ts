// npm run soak [-- --minutes 30] — the five halls, processes of their own, with changing moods; memory and
// handles of the gateway's side must stay flat. Looked at after every round's quiet end, by kind.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { departments } from '../../adapters/departments.ts'
import { simulatedHallIds } from '../../adapters/simulated-halls.ts'
import { startHallSimulator } from '../../src/cli/bench/hall-simulator-process.ts'
import { migrationsDir } from '../../src/cli/package-root.ts'
import { readConfig } from '../../src/config.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { makeTicketStore } from '../../src/halls/hall-ticket-store.ts'
import { openHalls } from '../../src/halls/open-halls.ts'
import { makeReadSecret } from '../../src/halls/secret.ts'
import { startTicketWorker } from '../../src/halls/ticket-worker.ts'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { openStore } from '../../src/store/open-store.ts'
import { runMigrations } from '../../src/store/run-migrations.ts'
import { clock, people, random, tell } from '../adapters/harness.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { boardWith, setContext } from './harness.ts'
import { fewest, growthOf, type OpenThings } from './soak-figures.ts'
import { materialsOf } from './materials.ts'

const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error('--minutes: a positive number')
const clerks = 10
/** One round: work under changing moods, then all halls up and nobody asking until sockets are dropped. */
const roundsMin = 8
// Longer than the land hall's connections may idle, so that what is open then is kept.
const quietMs = 36_000
const workMs = Math.max(5_000, Math.min(84_000, (minutes * 60_000) / roundsMin - quietMs))
const roundsWanted = Math.max(roundsMin, Math.round((minutes * 60_000) / (workMs + quietMs)))
const moodMs = 7_000
const moods = [
  ['up', {}],
  ['slow', { ms: 700 }],
  ['up', {}],
  ['hang', {}],
  ['up', {}],
  ['refuse', { status: 503 }],
  ['up', {}],
  ['garble', { form: 'truncated' }],
  ['up', {}],
  ['down', {}],
  ['up', {}],
] as const

const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-soak-'))
await chmod(dataDir, 0o711)
const env = { ...process.env, ZHENGQIAO_DATA: dataDir, ZHENGQIAO_CITY_DATE: '2018-11-30' }
const store = await openStore({ dataDir })
await runMigrations(store, migrationsDir)
const simulators = await Promise.all(simulatedHallIds.map((id) => startHallSimulator(id, env)))
const rows = await Promise.all(simulators.map(({ rowFile }) => readFile(rowFile, 'utf8')))
const readSecret = makeReadSecret(readConfig(env, dataDir).secretNamed)
const opened = await openHalls(
  { departments, openExchange, digestName: 'sha-256', clock, random, readSecret },
  rows.map((row) => hallSpecSchema.parse(JSON.parse(row))),
)
const keys = testDataKeys()
const tickets = makeTicketStore({ store, keys, clock, random: (length) => randomBytes(length) })
const { dispatcher } = boardWith(opened, { tickets, tickMs: 1_000, log: () => undefined })
const workerFaults: string[] = []
const worker = startTicketWorker(
  {
    dispatcher,
    tickets,
    clock,
    node: 'soak',
    onError: (hallId, error) => {
      workerFaults.push(hallId)
      say({ hallId, error: String(error) })
    },
  },
  [...simulatedHallIds],
)

const counted = { sets: 0, failed: 0, lost: 0 }
const holders = [people.allPresent, people.nothing, people.twoPapers, people.misnamed]
const clerk = async (at: number, until: number): Promise<void> => {
  while (performance.now() < until) {
    const holder = holders[at % holders.length] ?? people.allPresent
    const ctx = setContext({ caseId: randomUUID(), waitMs: 2_000 })
    try {
      const findings = await dispatcher.collectMaterials(materialsOf(holder), ctx)
      counted.sets += 1
      counted.failed += findings.filter(({ outcome }) => outcome.state === 'failed').length
    } catch (error) {
      counted.lost += 1
      say({ lost: String(error) })
    }
    await tickets.forgetCase(ctx.caseId)
    await sleep(200)
  }
}
const turns = { count: 0 }
const weather = async (until: number): Promise<void> => {
  for (; performance.now() < until; turns.count += 1) {
    const at = turns.count % simulators.length
    const [act, body] = moods[
      (Math.floor(turns.count / simulators.length) + 2 * at) % moods.length
    ] ?? ['up', {}]
    const hall = simulators[at]
    if (hall !== undefined) await tell(hall.controlUrl, act, body)
    await sleep(Math.min(moodMs, Math.max(0, until - performance.now())))
  }
}
/** What is open, by kind, and how much of it beside the database's bounded pool. */
const look = (): { readonly kinds: OpenThings; readonly handles: number } => {
  const kinds: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) kinds[kind] = (kinds[kind] ?? 0) + 1
  const all = Object.values(kinds).reduce((sum, count) => sum + count, 0)
  // Of our own database's pool, which is bounded, each connection and each idle one's timer.
  return { kinds, handles: all - store.pool.totalCount - store.pool.idleCount }
}
const quiet = async (): Promise<ReturnType<typeof look>> => {
  await Promise.all(simulators.map(({ controlUrl }) => tell(controlUrl, 'up')))
  await sleep(quietMs - 8_000)
  const looks: ReturnType<typeof look>[] = []
  // Not in step with the workers, which look for tickets once a second.
  for (let at = 0; at < 64; at += 1) {
    await sleep(125 + (at % 7))
    looks.push(look())
  }
  return {
    kinds: fewest(looks.map(({ kinds }) => kinds)),
    handles: Math.min(...looks.map(({ handles }) => handles)),
  }
}

const samples: { rssMb: number; heapMb: number; handles: number }[] = []
for (let round = 0; round < roundsWanted; round += 1) {
  const until = performance.now() + workMs
  await Promise.all([
    ...Array.from({ length: clerks }, (_, at) => clerk(at, until)),
    weather(until),
  ])
  const { kinds, handles } = await quiet()
  // A heap that is looked at before it was cleaned says how long ago that was, not what is kept.
  globalThis.gc?.()
  const memory = process.memoryUsage()
  const rssMb = memory.rss / 1_048_576
  const heapMb = memory.heapUsed / 1_048_576
  samples.push({ rssMb, heapMb, handles })
  say({
    ...counted,
    rssMb: rssMb.toFixed(1),
    heapMb: heapMb.toFixed(2),
    handles,
    kinds,
    pool: store.pool.totalCount,
  })
}

await worker.close()
await dispatcher.close()
const left = await store.pool.query<{ count: number }>(
  'select count(*)::int as count from hall_ticket',
)
const ticketsLeft = left.rows[0]?.count ?? -1
await Promise.all(simulators.map(({ stop }) => stop()))
await store.close()
await removeCluster(dataDir)
await rm(dataDir, { recursive: true, force: true })
await sleep(500)
const leftOpen = process
  .getActiveResourcesInfo()
  .filter((kind) => !['TTYWrap', 'PipeWrap', 'FSReqPromise', 'FSReqCallback'].includes(kind))
const found = {
  rounds: samples.length,
  ...counted,
  workerFaults: workerFaults.length,
  rssGrowth: growthOf(samples.map(({ rssMb }) => rssMb)),
  heapGrowth: growthOf(samples.map(({ heapMb }) => heapMb)),
  handleGrowth: growthOf(samples.map(({ handles }) => handles)),
  ticketsLeft,
  leftOpen,
}
const problems = [
  ...(found.rssGrowth <= 1.1 ? [] : ['resident memory grows']),
  ...(found.heapGrowth <= 1.1 ? [] : ['the heap grows']),
  ...(found.handleGrowth <= 1.1 ? [] : ['open handles grow']),
  ...(counted.lost === 0 ? [] : ['sets were lost']),
  ...(ticketsLeft === 0 ? [] : ['tickets are left']),
  ...(leftOpen.length === 0 ? [] : ['something is left open']),
]
say({ ...found, problems })
process.exitCode = problems.length === 0 ? 0 : 1
