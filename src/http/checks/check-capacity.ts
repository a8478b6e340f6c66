import { GatewayError } from '../../contract/error.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'

/** Turns requests away at the door while there is no room. @throws GatewayError rate_limited */
export const checkCapacity = ({ limits, requests }: PipelineDeps): void => {
  if (requests.count() > limits.inFlightMax)
    throw new GatewayError('rate_limited', textsZh.tooManyAtOnce, { retryAfterMs: 1000 })
}
