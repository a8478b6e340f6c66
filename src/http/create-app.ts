import { type Context, Hono } from 'hono'
import type { IncomingMessage } from 'node:http'
import type { Endpoint, ReadEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { AccessDirectory } from '../access/access-directory.ts'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import { createKeyCache } from '../crypto/key-cache.ts'
import type { SignatureVerifier } from '../crypto/verify-signature.ts'
import { gatherReads } from '../store/gather-reads.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import { certificateWarning } from './certificate-warning.ts'
import { isPlainTarget } from './checks/check-target.ts'
import { createExchange } from './create-exchange.ts'
import { describeError } from './describe-error.ts'
import type { Exchange } from './exchange.ts'
import type { IdempotentRequest } from './idempotency.ts'
import { findKeyStates } from './idempotency-store.ts'
import { createInFlight } from './in-flight.ts'
import { defaultHttpLimits, type HttpLimits } from './limits.ts'
import { createNonceScreen } from './nonce-screen.ts'
import type { ObserveRequest } from './observe-request.ts'
import { createOperatorQuota, type FiledActs } from './operator-quota.ts'
import type { OpenRoute } from './open-route.ts'
import { stagesOf } from './order-of-refusals.ts'
import type { EvidenceLedger, LogSink, PipelineDeps } from './pipeline-deps.ts'
import { type RawRequest, rawFetchRequest, rawIncoming } from './raw-request.ts'
import { createRefusalTally, type RefusalTally } from './refusal-tally.ts'
import { problemReply, type Reply } from './reply.ts'
import { requestIdOf } from './request-id.ts'
import { createRouteTable } from './route-table.ts'
import { runExchange } from './run-exchange.ts'
import { createSlidingWindows } from './sliding-window.ts'
import { streamAnswer } from './stream-answer.ts'
import { createTokenBuckets } from './token-bucket.ts'

export type AppDeps = {
  readonly endpoints: readonly Endpoint<Tx>[]
  readonly openRoutes: readonly OpenRoute[]
  /** Scheme and authority under which the gateway is known outside, e.g. `https://zq.example`. */
  readonly publicUrl: string
  readonly store: Pick<Store, 'db'>
  readonly directory: AccessDirectory
  readonly ledger: EvidenceLedger
  readonly dataKeys: Pick<DataKeys, 'seal' | 'open' | 'indexAll'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly logger: LogSink
  readonly limits?: Partial<HttpLimits>
  readonly observe?: ObserveRequest
  /** Operators' acts that other nodes, or this one before a restart, have counted. */
  readonly filedActs?: FiledActs
  /** Default sha-256. */
  readonly digestName?: DigestName
  /** Signature algorithms beside the built-in ones, e.g. `SM2-SM3`. */
  readonly verifiers?: ReadonlyMap<string, SignatureVerifier>
  /** Fires when the gateway is to stop: streams end. */
  readonly stopping?: AbortSignal
}

export type App = {
  /** What a server or a test hands requests to. */
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>
  /** Refusals of unsigned requests since the last summary. */
  readonly refusals: RefusalTally
  readonly limits: HttpLimits
}

/** Mounts the endpoints behind the order of refusals, and the open routes beside them. */
export const createApp = (deps: AppDeps): App => {
  const limits = { ...defaultHttpLimits, ...deps.limits }
  const refusals = createRefusalTally()
  const pipeline = pipelineDeps(deps, limits, refusals)
  const app = new Hono({ strict: true })
  for (const endpoint of deps.endpoints) mountEndpoint(app, pipeline, endpoint)
  for (const route of deps.openRoutes) mountOpenRoute(app, pipeline, route)
  const routes = createRouteTable([...deps.endpoints, ...deps.openRoutes])
  app.notFound((c) => notFound(pipeline, c, routes))
  app.onError((error, c) => {
    deps.logger.error(describeError(error), 'request failed')
    return refuseRoute(pipeline, rawOf(c), 'internal')
  })
  return { fetch: (request, env) => app.fetch(request, env ?? {}), refusals, limits }
}

const pipelineDeps = (deps: AppDeps, limits: HttpLimits, refusals: RefusalTally): PipelineDeps => ({
  ...deps,
  publicUrl: deps.publicUrl.replace(/\/+$/, ''),
  limits,
  digestName: deps.digestName ?? 'sha-256',
  verifiers: deps.verifiers ?? new Map(),
  keys: createKeyCache(),
  clientBuckets: createTokenBuckets({
    perSecond: limits.clientPerSecond,
    burst: limits.clientBurst,
  }),
  operatorQuota: createOperatorQuota(
    createSlidingWindows({ count: limits.operatorCount, windowMs: limits.operatorWindowMs }),
    deps.filedActs ?? { count: () => Promise.resolve(0), mayBeElsewhere: () => false },
    limits.operatorWindowMs,
  ),
  findKeyState: gatherReads((requests: readonly IdempotentRequest[]) =>
    findKeyStates(deps.store.db, deps.dataKeys, requests),
  ),
  nonces: createNonceScreen(2 * limits.skewSeconds * 1000),
  requests: createInFlight(),
  clientRequests: createInFlight(),
  streams: createInFlight(),
  followers: createInFlight(),
  readsInFlight: new Set(),
  countRefusal: (code) => {
    refusals.count(code, deps.clock.now())
  },
})

const mountEndpoint = (app: Hono, deps: PipelineDeps, endpoint: Endpoint<Tx>): void => {
  const stages = stagesOf(endpoint)
  app.on(endpoint.method, endpoint.path, async (c) => {
    const exchange = createExchange(deps, { endpoint, raw: rawOf(c), params: c.req.param() })
    const reply = await runExchange(deps, exchange, stages)
    log(deps, exchange, reply)
    Object.assign(reply.headers, certificateWarning(exchange))
    return isFollowed(endpoint) && wantsStream(c) && reply.status === 200
      ? streamAnswer(deps, exchange, reply, endpoint.follow)
      : responseOf(reply)
  })
}

type Followed = ReadEndpoint & { readonly follow: NonNullable<ReadEndpoint['follow']> }

const wantsStream = (c: Context): boolean =>
  c.req.header('accept')?.includes('text/event-stream') ?? false

const isFollowed = (endpoint: Endpoint<Tx>): endpoint is Followed =>
  endpoint.kind === 'read' && endpoint.follow !== undefined

const mountOpenRoute = (app: Hono, deps: PipelineDeps, route: OpenRoute): void => {
  app.on(route.method, route.path, async (c) => {
    const { target } = rawOf(c)
    const answer = isPlainTarget(target) ? await route.answer(c.req.param()) : undefined
    if (answer === undefined) return refuseRoute(deps, rawOf(c), 'route_not_found')
    const headers = {
      'content-type': answer.contentType,
      'cache-control': answer.cacheControl ?? 'no-store',
    }
    return new Response(answer.body, { status: answer.status, headers })
  })
}

const notFound = (
  deps: PipelineDeps,
  c: Context,
  routes: ReturnType<typeof createRouteTable>,
): Response => {
  const raw = rawOf(c)
  const methods = isPlainTarget(raw.target) ? routes.methodsOf(raw.target) : []
  if (methods.length === 0) return refuseRoute(deps, raw, 'route_not_found')
  const response = refuseRoute(deps, raw, 'method_not_allowed')
  response.headers.set('allow', methods.join(', '))
  return response
}

const refuseRoute = (
  deps: PipelineDeps,
  raw: RawRequest,
  code: 'route_not_found' | 'method_not_allowed' | 'internal',
): Response => {
  const request = { requestId: requestIdOf(raw, deps.randomBytes), publicUrl: deps.publicUrl }
  return responseOf(problemReply(new GatewayError(code), request))
}

const responseOf = ({ body, status, headers }: Reply): Response =>
  new Response(body, { status, headers })

/** On a socket the adapter hands node's request along; a request of app.request has none. */
const rawOf = (c: Context): RawRequest => {
  const env: unknown = c.env
  return isNodeEnv(env) ? rawIncoming(env.incoming) : rawFetchRequest(c.req.raw)
}

const isNodeEnv = (env: unknown): env is { readonly incoming: IncomingMessage } =>
  typeof env === 'object' && env !== null && 'incoming' in env

const log = (deps: PipelineDeps, exchange: Exchange, reply: Reply): void => {
  const { method, path: route } = exchange.endpoint
  const { status, code } = reply
  const durationMs = deps.clock.now().getTime() - exchange.now.getTime()
  deps.observe?.({ method, route, status, code, durationMs })
  deps.logger.info(
    {
      requestId: exchange.requestId,
      method,
      route,
      status,
      ...(code === undefined ? {} : { code }),
      durationMs,
    },
    'request',
  )
}
