import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
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
}

/** One figure in the words of the Prometheus text format; a counter's value is its total. */
export type Sample = {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type Metrics = {
  readonly observe: ObserveRequest
  /** GET /metrics, in the text format of Prometheus. */
  readonly route: OpenRoute
}

/** One process's figures. Labels are patterns and codes, so that nothing personal can become one. */
export const createMetrics = (source: MetricsSource): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registerGauges(registry, source)
  return {
    observe: requestObserver(registry),
    route: {
      method: 'GET',
      path: '/metrics',
      summaryZh: '运行指标(Prometheus 文本格式)',
      answer: async () => ({
        status: 200,
        contentType: registry.contentType,
        body: (await registry.metrics()) + textOf(source.halls?.() ?? []),
      }),
    },
  }
}

/** Samples that are counted elsewhere, one family after the other. */
const textOf = (samples: readonly Sample[]): string => {
  const families = new Map<string, Sample[]>()
  for (const sample of samples)
    families.set(sample.name, [...(families.get(sample.name) ?? []), sample])
  return [...families]
    .map(([name, [first, ...others]]) =>
      first === undefined
        ? ''
        : `\n# HELP ${name} ${first.help}\n# TYPE ${name} ${first.kind}\n` +
          [first, ...others].map(lineOf).join(''),
    )
    .join('')
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

type Figure = { readonly name: string; readonly help: string; readonly read: () => number }

const registerGauges = (registry: Registry, { ledger, pool }: MetricsSource): void => {
  const figures: readonly Figure[] = [
    {
      name: 'ledger_writing',
      help: '1 when evidence can be filed; at 0 nothing is disclosed',
      read: () => (ledger().isWriting ? 1 : 0),
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
  for (const { name, help, read } of figures)
    new Gauge({
      name: `zhengqiao_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
}
