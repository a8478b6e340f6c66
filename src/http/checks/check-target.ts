import { GatewayError } from '../../contract/error.ts'
import type { Exchange } from '../exchange.ts'

/**
 * One route has one spelling: plain segments without percent encoding, dot segments, doubled slashes or
 * an authority. Everything else is no route, so that no two readers of a path can disagree about it.
 */
const plainPath = /^(?:\/|(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~:@-]+)+)$/

/** @throws GatewayError route_not_found, method_not_allowed */
export const checkTarget = (_deps: unknown, { raw, endpoint }: Exchange): void => {
  if (!isPlainTarget(raw.target)) throw new GatewayError('route_not_found')
  if (raw.method !== endpoint.method) throw new GatewayError('method_not_allowed')
}

export const isPlainTarget = (target: string): boolean => {
  const queryAt = target.indexOf('?')
  return plainPath.test(queryAt < 0 ? target : target.slice(0, queryAt))
}
