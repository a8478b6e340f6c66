import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client'
import { z } from 'zod'
import type { LedgerHealth } from '../ledger/open-ledger.ts'
import type { ObserveRequest } from './observe-request.ts'
import type { OpenRoute } from './open-route.ts'

export type MetricsSource = {
  readonly ledger: () => LedgerHealth
  /** Database connections of this process. */
  readonly pool: {
    readonly totalCount: number
    readonly idleCount: number
    readonly waitingCount: number
  }
  /** Figures of the connected halls at the moment. */
  readonly halls?: () => readonly Sample[]
  /** What the other processes behind the same port report; unset when there are none. */
  readonly elsewhere?: (() => Promise<readonly unknown[]>) | undefined
}

/** One figure in the words of the Prometheus text format; a counter's value is its total. */
export type Sample = {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** How the figures of several processes become one; default sum. */
  readonly together?: 'sum' | 'average' | 'max'
}

export type Metrics = {
  readonly observe: ObserveRequest
  /** GET /metrics, in the text format of Prometheus. */
  readonly route: OpenRoute
  /** This process's own figures, for another process to add up. */
  readonly report: () => Promise<Report>
}

/** One process's figures. Labels are patterns and codes, so that nothing personal can become one. */
export const createMetrics = (source: MetricsSource): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registerGauges(registry, source)
  const report = async (): Promise<Report> => [
    ...reportSchema.parse(await registry.getMetricsAsJSON()),
    ...familiesOf(source.halls?.() ?? []),
  ]
  const body = async (): Promise<string> => {
    const { elsewhere, halls } = source
    if (elsewhere === undefined) return (await registry.metrics()) + textOf(halls?.() ?? [])
    const [own, others] = await Promise.all([report(), elsewhere()])
    return AggregatorRegistry.aggregate([own, ...others.map(reportOf)]).metrics()
  }
  return {
    observe: requestObserver(registry),
    report,
    route: {
      method: 'GET',
      path: '/metrics',
      summaryZh: '运行指标(Prometheus 文本格式)',
      answer: async () => ({
        status: 200,
        contentType: registry.contentType,
        body: await body(),
      }),
    },
  }
}

/** Percentiles of nothing are NaN, and null after they have come from another process: left out. */
const valuesSchema = z
  .array(z.looseObject({ value: z.unknown(), labels: z.looseObject({}) }))
  .transform((values) => values.filter(({ value }) => Number.isFinite(value)))
const reportSchema = z.array(z.looseObject({ name: z.string(), values: valuesSchema }))
export type Report = z.output<typeof reportSchema>

/** Of a process that did not answer nothing is counted; zhengqiao_processes then says so. */
const reportOf = (answer: unknown): Report => reportSchema.catch([]).parse(answer)

/** As prom-client writes its own down. */
const familiesOf = (samples: readonly Sample[]): Report =>
  byName(samples).map(([name, [first, ...others]]) => ({
    name,
    help: first.help,
    type: first.kind,
    aggregator: first.together ?? 'sum',
    values: [first, ...others].map(({ labels, value }) => ({ labels: { ...labels }, value })),
  }))

/** Samples that are counted elsewhere, one family after the other. */
const textOf = (samples: readonly Sample[]): string =>
  byName(samples)
    .map(
      ([name, [first, ...others]]) =>
        `\n# HELP ${name} ${first.help}\n# TYPE ${name} ${first.kind}\n` +
        [first, ...others].map(lineOf).join(''),
    )
    .join('')

type Family = readonly [string, readonly [Sample, ...Sample[]]]

const byName = (samples: readonly Sample[]): readonly Family[] => {
  const families = new Map<string, [Sample, ...Sample[]]>()
  for (const sample of samples) {
    const family = families.get(sample.name)
    if (family === undefined) families.set(sample.name, [sample])
    else family.push(sample)
  }
  return [...families]
}

const lineOf = ({ name, labels, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
  return `${name}{${pairs.join(',')}} ${String(value)}\n`
}

const requestObserver = (registry: Registry): ObserveRequest => {
  const registers = [registry]
  const requests = new Counter({
    name: 'zhengqiao_requests_total',
    help: 'Answered requests by route, status and problem code (none for good answers)',
    labelNames: ['method', 'route', 'status', 'code'],
    registers,
  })
  const durations = new Histogram({
    name: 'zhengqiao_request_duration_seconds',
    help: 'From the first byte of the request to its answer, evidence filed',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  return ({ method, route, status, code, durationMs }) => {
    requests.inc({ method, route, status, code: code ?? 'none' })
    durations.observe({ method, route }, durationMs / 1000)
  }
}

type Figure = {
  readonly name: string
  readonly help: string
  readonly read: () => number
  readonly together?: 'min'
}

const registerGauges = (registry: Registry, { ledger, pool }: MetricsSource): void => {
  const figures: readonly Figure[] = [
    { name: 'processes', help: 'Processes whose figures these are', read: () => 1 },
    {
      name: 'ledger_writing',
      help: '1 when evidence can be filed; at 0 nothing is disclosed',
      read: () => (ledger().isWriting ? 1 : 0),
      together: 'min',
    },
    { name: 'ledger_size', help: 'Events in this node’s log', read: () => ledger().size },
    {
      name: 'ledger_waiting',
      help: 'Filings that wait for the writer',
      read: () => ledger().waiting,
    },
    {
      name: 'ledger_owed',
      help: 'Events of committed writes that are not in the log yet',
      read: () => ledger().owed,
    },
    { name: 'ledger_events', help: 'Events filed since the start', read: () => ledger().events },
    {
      name: 'ledger_commits',
      help: 'Commits of the writer since the start, one checkpoint signature each',
      read: () => ledger().drains,
    },
    {
      name: 'ledger_refusals',
      help: 'Filings refused since the start',
      read: () => ledger().refusals,
    },
    { name: 'database_connections', help: 'Open connections', read: () => pool.totalCount },
    { name: 'database_connections_idle', help: 'Unused connections', read: () => pool.idleCount },
    {
      name: 'database_connections_wanted',
      help: 'Queries that wait for a connection',
      read: () => pool.waitingCount,
    },
  ]
  for (const { name, help, read, together } of figures)
    new Gauge({
      name: `zhengqiao_${name}`,
      help,
      aggregator: together ?? 'sum',
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
}
