import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Json, ReadEndpoint } from '../contract/endpoint.ts'
import { readEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { Dispatcher } from './dispatcher.ts'
import { failureKinds } from './hall-contract.ts'
import type { HallView } from './hall-view.ts'
import { watchHalls } from './watch-halls.ts'

const time = z.string()
const ms = z.number().nullable()
const failure = z.strictObject({
  at: time,
  requestId: z.string(),
  kind: z.enum(failureKinds),
  cause: z.string(),
})

/** One hall as the API shows it; `lastFailures` is for hall operators and supervision only. */
export const hallData = z.strictObject({
  hallId: z.string(),
  nameZh: z.string(),
  organisationId: z.string(),
  typeCodes: z.array(z.string()),
  condition: z.enum(['up', 'slow', 'down', 'maintenance']),
  colour: z.enum(['green', 'amber', 'red', 'grey']),
  since: time,
  retryAt: time.nullable(),
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  calls: z.number(),
  errors: z.record(z.enum(failureKinds), z.number()),
  inFlight: z.number(),
  queued: z.number(),
  lastSuccessAt: time.nullable(),
  lastFailures: z.array(failure),
  calendar: z.strictObject({
    openNow: z.boolean(),
    opens: z.string(),
    closes: z.string(),
    saturdays: z.boolean(),
    outage: z.strictObject({ until: time, reasonZh: z.string() }).nullable(),
    announced: z.array(z.strictObject({ from: time, to: time, reasonZh: z.string() })),
  }),
  business: z
    .strictObject({
      asOf: time,
      accepted: z.number(),
      finished: z.number(),
      overdue: z.number(),
      queues: z.array(z.strictObject({ nameZh: z.string(), length: z.number() })),
    })
    .nullable(),
})

type Deps = { readonly dispatcher: Pick<Dispatcher, 'states' | 'subscribe'> }

const common = {
  method: 'GET',
  roles: ['C', 'O', 'V', 'H'],
  idempotent: false,
  operatorRequired: false,
} as const

/** GET /v1/halls and /v1/halls/{id}: connection health and the halls' own business in one picture. */
export const hallEndpoints = (deps: Deps): readonly ReadEndpoint[] => [
  listHallsEndpoint(deps),
  getHallEndpoint(deps),
]

const listHallsEndpoint = ({ dispatcher }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'listHalls',
    path: '/v1/halls',
    summaryZh: '列出专业大厅及其连接和业务状态(Accept: text/event-stream 时持续推送)',
    codes: [],
    data: z.array(hallData),
    handle: async ({ caller }) => ({
      status: 200,
      data: dispatcher.states().map((hall) => showHall(hall, caller)),
      deed: { action: 'hall.list', decision: 'allowed' },
    }),
    follow: async function* ({ caller }, signal) {
      for await (const halls of watchHalls(dispatcher, signal))
        yield { event: 'halls', data: halls.map((hall) => showHall(hall, caller)) }
    },
  })

const getHallEndpoint = ({ dispatcher }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'getHall',
    path: '/v1/halls/:hallId',
    summaryZh: '查看一个专业大厅',
    codes: ['hall_not_found'],
    data: hallData,
    handle: async ({ caller, params }) => {
      const hall = dispatcher.states().find(({ hallId }) => hallId === params['hallId'])
      if (hall === undefined) throw new GatewayError('hall_not_found')
      const deed = {
        action: 'hall.read',
        decision: 'allowed',
        detail: { hallId: hall.hallId },
      } as const
      return { status: 200, data: showHall(hall, caller), deed }
    },
  })

/** Request ids of failures lead to cases: clerks and the hotline see none of another's. */
export const showHall = (hall: HallView, { roles }: Pick<Caller, 'roles'>): Json => {
  const mayTrace = roles.some((role) => role === 'O' || role === 'V')
  return { ...hall, lastFailures: mayTrace ? hall.lastFailures : [] }
}
