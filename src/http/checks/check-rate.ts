import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'
import type { RateState } from '../token-bucket.ts'

/**
 * One bucket and so many requests at once for a client; one window an operator for the operations by
 * which people could be enumerated.
 * @throws GatewayError rate_limited
 */
export const checkRate = (deps: PipelineDeps, exchange: Exchange): void => {
  const { endpoint, now } = exchange
  const { clientId, operatorId } = found(exchange.caller)
  exchange.rate = deps.clientBuckets.take(clientId, now.getTime())
  requireLeft(exchange.rate, textsZh.tooManyRequests)
  if (deps.inFlight.countOf(clientId) > deps.limits.clientInFlightMax)
    throw new GatewayError('rate_limited', textsZh.tooManyAtOnce, { retryAfterMs: 1000 })
  if (operatorId === undefined || !deps.limits.operatorOperations.includes(endpoint.operationId))
    return
  const ofOperator = deps.operatorWindows.take(`${clientId} ${operatorId}`, now.getTime())
  if (ofOperator.retryAfterMs !== undefined) exchange.rate = ofOperator
  requireLeft(ofOperator, textsZh.tooManyOfOperator)
}

const requireLeft = ({ retryAfterMs }: RateState, message: string): void => {
  if (retryAfterMs !== undefined) throw new GatewayError('rate_limited', message, { retryAfterMs })
}
