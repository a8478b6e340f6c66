import { GatewayError } from '../contract/error.ts'
import { answerRead } from './answer-read.ts'
import { answerWrite } from './answer-write.ts'
import { flightOf } from './checks/check-idempotency.ts'
import { describeError } from './describe-error.ts'
import type { Exchange } from './exchange.ts'
import { deleteReservation } from './idempotency-store.ts'
import type { Stage } from './order-of-refusals.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { refuseExchange } from './refuse-exchange.ts'
import { problemReply, type Reply } from './reply.ts'

/** Takes one request through its stages and lets the endpoint act; every failure becomes a problem. */
export const runExchange = async (
  deps: PipelineDeps,
  exchange: Exchange,
  stages: readonly Stage[],
): Promise<Reply> => {
  let evidence: Stage['evidence'] = 'none'
  deps.requests.enter('')
  try {
    for (const stage of stages) {
      evidence = stage.evidence
      // Most checks answer at once: waiting for those too would cost a turn of the event loop each.
      const checked = stage.check(deps, exchange)
      if (checked !== undefined) await checked
      if (stage.name === 'signature') deps.clientRequests.enter(clientOf(exchange))
    }
    evidence = 'filed'
    return await act(deps, exchange)
  } catch (thrown) {
    return await refuse(deps, exchange, { thrown, evidence })
  } finally {
    if (exchange.streaming) deps.streams.leave(clientOf(exchange))
    if (exchange.caller !== undefined) deps.clientRequests.leave(clientOf(exchange))
    deps.requests.leave('')
    releaseRead(deps, exchange)
  }
}

const act = (deps: PipelineDeps, exchange: Exchange): Promise<Reply> =>
  exchange.endpoint.kind === 'read'
    ? answerRead(deps, exchange, exchange.endpoint)
    : answerWrite(deps, exchange, exchange.endpoint)

const refuse = async (
  deps: PipelineDeps,
  exchange: Exchange,
  { thrown, evidence }: { readonly thrown: unknown; readonly evidence: Stage['evidence'] },
): Promise<Reply> => {
  const error = asGatewayError(deps, exchange, thrown)
  await releaseWrite(deps, exchange)
  if (evidence === 'filed') return refuseExchange(deps, exchange, error)
  if (evidence === 'counted') deps.countRefusal(error.code)
  return problemReply(error, { ...exchange, publicUrl: deps.publicUrl })
}

/** What nobody expected is logged by its kind and place, and answered with the request id alone. */
const asGatewayError = (
  { logger }: PipelineDeps,
  { requestId, endpoint }: Exchange,
  thrown: unknown,
): GatewayError => {
  const error = thrown instanceof GatewayError ? thrown : new GatewayError('internal')
  if (error.status >= 500)
    logger.error(
      { requestId, route: endpoint.path, code: error.code, ...describeError(thrown) },
      'request failed',
    )
  return error
}

const clientOf = ({ caller }: Exchange): string => caller?.clientId ?? ''

const releaseRead = (
  { readsInFlight }: PipelineDeps,
  { endpoint, reservation }: Exchange,
): void => {
  if (endpoint.kind === 'read' && reservation !== undefined)
    readsInFlight.delete(flightOf(reservation))
}

/** If this fails the key stays taken until its lease ends; the refusal itself is not held up. */
const releaseWrite = async (
  { store, logger }: PipelineDeps,
  { endpoint, reservation, requestId }: Exchange,
): Promise<void> => {
  if (endpoint.kind !== 'write' || reservation === undefined || reservation.first !== undefined)
    return
  try {
    await deleteReservation(store.db, reservation)
  } catch (error) {
    logger.error({ requestId, ...describeError(error) }, 'idempotency key not released')
  }
}
