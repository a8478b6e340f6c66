import { requireRole } from '../../contract/caller.ts'
import { type Exchange, found } from '../exchange.ts'

/** @throws GatewayError scope_missing */
export const checkRole = (_deps: unknown, { caller, endpoint }: Exchange): void => {
  requireRole(found(caller), endpoint.roles)
}
