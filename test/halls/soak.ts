// npm run soak [-- --minutes 30] — the five halls with changing moods; memory and handles must stay flat.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { departments } from '../../adapters/departments.ts'
import { simulatedHallIds, startSimulatedHall } from '../../adapters/simulated-halls.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { makeTicketStore } from '../../src/halls/hall-ticket-store.ts'
import { openHalls } from '../../src/halls/open-halls.ts'
import { makeReadSecret } from '../../src/halls/secret.ts'
import { startTicketWorker } from '../../src/halls/ticket-worker.ts'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { openStore } from '../../src/store/open-store.ts'
import { runMigrations } from '../../src/store/run-migrations.ts'
import { clock, people, random, subjects, tell } from '../adapters/harness.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { materialsOf } from './materials.ts'
import { boardWith, setContext } from './harness.ts'

const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error('--minutes: a positive number')
const clerks = 10
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
const store = await openStore({ dataDir })
await runMigrations(store, 'migrations')
await store.pool.query('create database registry')
const ownerUrl = store.url.replace(/\/[^/?]*(\?|$)/, '/registry$1')
const halls = await Promise.all(
  simulatedHallIds.map((hallId) =>
    startSimulatedHall(hallId, { subjects, clock, random, secret: `s-${hallId}`, ownerUrl }),
  ),
)
const secrets = new Map(halls.flatMap((hall) => Object.entries(hall.secrets)))
const opened = await openHalls(
  {
    departments,
    openExchange,
    digestName: 'sha-256',
    clock,
    random,
    readSecret: makeReadSecret((name) => secrets.get(name)),
  },
  halls.map(({ row }) => hallSpecSchema.parse(row)),
)
const tickets = makeTicketStore({
  store,
  keys: testDataKeys(),
  clock,
  random: (length) => randomBytes(length),
})
const { dispatcher } = boardWith(opened, { tickets, tickMs: 1_000, log: () => undefined })
const worker = startTicketWorker(
  {
    dispatcher,
    tickets,
    clock,
    node: 'soak',
    onError: (hallId, error) => {
      say({ hallId, error: String(error) })
    },
  },
  [...simulatedHallIds],
)

const until = performance.now() + minutes * 60_000
const counted = { sets: 0, failed: 0, lost: 0 }
const people10 = [people.allPresent, people.nothing, people.twoPapers, people.misnamed]
const clerk = async (at: number): Promise<void> => {
  while (performance.now() < until) {
    const holder = people10[at % people10.length] ?? people.allPresent
    const ctx = setContext({ caseId: randomUUID(), waitMs: 2_000 })
    try {
      const findings = await dispatcher.collectMaterials(materialsOf(holder), ctx)
      counted.sets += 1
      counted.failed += findings.filter(({ outcome }) => outcome.state === 'failed').length
      await tickets.forgetCase(ctx.caseId)
    } catch {
      // The database had no connection in time: a busy machine's fault, counted and told in the end.
      counted.lost += 1
    }
    await sleep(200)
  }
}
const weather = async (): Promise<void> => {
  for (let round = 0; performance.now() < until; round += 1) {
    const hall = halls[round % halls.length]
    const turn = Math.floor(round / halls.length) + 2 * (round % halls.length)
    const [act, body] = moods[turn % moods.length] ?? ['up', {}]
    if (hall !== undefined) await tell(hall.simulator.controlUrl, act, body)
    await sleep(Math.min(7_000, Math.max(0, until - performance.now())))
  }
}
const samples: { rssMb: number; heapMb: number; handles: number }[] = []
const watch = async (): Promise<void> => {
  while (performance.now() < until) {
    await sleep(Math.min(30_000, Math.max(100, until - performance.now())))
    // A heap that is looked at before it was cleaned says how long ago that was, not what is kept.
    globalThis.gc?.()
    const memory = process.memoryUsage()
    const rssMb = Math.round(memory.rss / 1_048_576)
    const heapMb = Math.round(memory.heapUsed / 1_048_576)
    const handles = process.getActiveResourcesInfo().length
    samples.push({ rssMb, heapMb, handles })
    say({ ...counted, rssMb, heapMb, handles })
  }
}
await Promise.all([...Array.from({ length: clerks }, (_, at) => clerk(at)), weather(), watch()])

await worker.close()
await dispatcher.close()
await Promise.all(halls.map(({ simulator }) => simulator.close()))
const { rows } = await store.pool.query<{ count: number }>(
  'select count(*)::int as count from hall_ticket',
)
const ticketsLeft = rows[0]?.count ?? -1
await store.close()
await removeCluster(dataDir)
await rm(dataDir, { recursive: true, force: true })

type Sample = { readonly rssMb: number; readonly heapMb: number; readonly handles: number }
const quarter = (place: 1 | 3): readonly Sample[] =>
  samples.slice(
    Math.floor((samples.length * place) / 4),
    Math.floor((samples.length * (place + 1)) / 4),
  )
const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const growth = (read: (sample: Sample) => number): number =>
  middle(quarter(3).map(read)) / middle(quarter(1).map(read))
await sleep(500)
const left = process
  .getActiveResourcesInfo()
  .filter((kind) => !['TTYWrap', 'PipeWrap', 'FSReqPromise', 'FSReqCallback'].includes(kind))
const found = {
  ...counted,
  rssGrowth: growth(({ rssMb }) => rssMb),
  heapGrowth: growth(({ heapMb }) => heapMb),
  handleGrowth: growth(({ handles }) => handles),
  handlesMax: Math.max(...samples.map(({ handles }) => handles)),
  ticketsLeft,
  left,
}
/** From the second quarter to the last: what grows with time shows, what breathes does not. */
const problems = [
  ...(found.rssGrowth <= 1.1 ? [] : ['resident memory grows']),
  ...(found.heapGrowth <= 1.1 ? [] : ['the heap grows']),
  ...(found.handleGrowth <= 1.1 ? [] : ['open handles grow']),
  ...(ticketsLeft === 0 ? [] : ['tickets are left']),
  ...(left.length === 0 ? [] : ['something is left open']),
]
say({ ...found, problems })
process.exitCode = problems.length === 0 ? 0 : 1
