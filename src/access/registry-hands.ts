import type { Caller } from '../contract/caller.ts'
import { GatewayError } from '../contract/error.ts'

/** Administrators and security officers keep the registry; one never suffices to put in a key. */
export const isRegistryHand = ({ roles }: Caller): boolean =>
  roles.includes('X') || roles.includes('Y')

/** Who may look at everything in the registry. */
export const seesRegistry = (caller: Caller): boolean =>
  isRegistryHand(caller) || caller.roles.includes('A')

/**
 * Another key than the first hand's; the keys of one person are told apart by the operator.
 * @throws GatewayError precondition_failed
 */
export const requireSecondPerson = (
  second: Pick<Caller, 'clientId' | 'operatorId'>,
  first: { readonly clientId: string; readonly operatorId: string | undefined },
): void => {
  const isSamePerson = second.operatorId !== undefined && second.operatorId === first.operatorId
  if (second.clientId === first.clientId || isSamePerson)
    throw new GatewayError('precondition_failed', '须由另一人办理,申请人不能批准自己的申请')
}
