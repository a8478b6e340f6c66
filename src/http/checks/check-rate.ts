import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'
import type { RateState } from '../token-bucket.ts'
import { unreadable } from './check-client.ts'

/**
 * One bucket and so many requests at once for a client, on each node; one window an operator, over all
 * nodes, for the operations by which people could be enumerated.
 * @throws GatewayError rate_limited, ledger_unavailable
 */
export const checkRate = (deps: PipelineDeps, exchange: Exchange): void | Promise<void> => {
  const { endpoint, now } = exchange
  const { clientId, operatorId } = found(exchange.caller)
  exchange.rate = deps.clientBuckets.take(clientId, now.getTime())
  requireLeft(exchange.rate, textsZh.tooManyRequests)
  requireRoom(deps, exchange)
  if (operatorId === undefined || !deps.limits.operatorOperations.includes(endpoint.operationId))
    return undefined
  // Somebody else who sends a request of the operator's again must not use up the operator's window.
  if (deps.nonces.has(clientId, found(exchange.signature).nonce)) return undefined
  const judge = (ofOperator: RateState): void => {
    if (ofOperator.retryAfterMs !== undefined) exchange.rate = ofOperator
    requireLeft(ofOperator, textsZh.tooManyOfOperator)
  }
  const taken = deps.operatorQuota.take({ clientId, operatorId }, now.getTime())
  if (taken instanceof Promise) return taken.catch(unreadable).then(judge)
  judge(taken)
  return undefined
}

const requireRoom = (deps: PipelineDeps, exchange: Exchange): void => {
  const { limits, clientRequests, streams } = deps
  const { clientId } = found(exchange.caller)
  const isStream = exchange.endpoint.body === 'stream'
  const isFull = clientRequests.countOf(clientId) > limits.clientInFlightMax
  const noSlot =
    streams.count() >= limits.streamsMax || streams.countOf(clientId) >= limits.clientStreamsMax
  if (isFull || (isStream && noSlot))
    throw new GatewayError('rate_limited', textsZh.tooManyAtOnce, { retryAfterMs: 1000 })
  if (isStream) streams.enter(clientId)
  exchange.streaming = isStream
}

const requireLeft = ({ retryAfterMs }: RateState, message: string): void => {
  if (retryAfterMs !== undefined) throw new GatewayError('rate_limited', message, { retryAfterMs })
}
