import { failureKinds } from './hall-contract.ts'
import type { HallView } from './hall-view.ts'

/** One sample for /metrics, in the words of the Prometheus text format. */
export type HallSample = {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** How the figures of several processes become one; default sum. */
  readonly together?: 'average' | 'max'
}

/** Of a condition, the share of the processes that see it. */
const together: Readonly<Record<string, 'average' | 'max'>> = {
  zhengqiao_hall_condition: 'average',
  zhengqiao_hall_latency_seconds: 'max',
  zhengqiao_hall_cases: 'max',
}

const conditions = ['up', 'slow', 'down', 'maintenance'] as const

type Labels = Readonly<Record<string, string>>

/** Figures per hall; no label holds anything of a person or a case. */
export const measureHalls = (halls: readonly HallView[]): readonly HallSample[] =>
  halls.flatMap((hall) => {
    const gauge = (name: string, help: string, value: number, labels: Labels = {}): HallSample =>
      sample('gauge', `zhengqiao_hall_${name}`, help, hall, labels, value)
    const counter = (name: string, help: string, value: number, labels: Labels = {}): HallSample =>
      sample('counter', `zhengqiao_hall_${name}`, help, hall, labels, value)
    return [
      ...conditions.map((condition) =>
        gauge('condition', '1 for the condition of a hall', Number(hall.condition === condition), {
          condition,
        }),
      ),
      counter('calls_total', 'calls made to a hall', hall.calls),
      ...failureKinds.map((kind) =>
        counter('errors_total', 'calls that failed', hall.errors[kind], { kind }),
      ),
      gauge('in_flight', 'calls under way', hall.inFlight),
      gauge('queued', 'calls waiting for a place', hall.queued),
      ...latenciesOf(hall).map(([quantile, ms]) =>
        gauge('latency_seconds', 'latency of the last calls', ms / 1_000, { quantile }),
      ),
      ...businessOf(hall).map(([state, count]) =>
        gauge('cases', 'the hall’s own cases of the last day', count, { state }),
      ),
    ]
  })

const sample = (
  kind: HallSample['kind'],
  name: string,
  help: string,
  { hallId }: HallView,
  labels: Labels,
  value: number,
): HallSample => {
  const how = together[name]
  const plain = { name, help, kind, labels: { hall: hallId, ...labels }, value }
  return how === undefined ? plain : { ...plain, together: how }
}

const latenciesOf = ({ p50Ms, p95Ms, p99Ms }: HallView): readonly (readonly [string, number])[] =>
  Object.entries({ '0.5': p50Ms, '0.95': p95Ms, '0.99': p99Ms }).flatMap(([quantile, ms]) =>
    ms === null ? [] : [[quantile, ms] as const],
  )

const businessOf = ({ business }: HallView): readonly (readonly [string, number])[] =>
  business === null
    ? []
    : (['accepted', 'finished', 'overdue'] as const).map((state) => [state, business[state]])
