import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { OperatorId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { showOperator } from './onboarding-views.ts'
import { lockOperator, setOperatorSuspended } from './operator-store.ts'
import { isRegistryHand } from './registry-hands.ts'

export type OperatorChange = {
  readonly operatorId: OperatorId
  readonly suspended: boolean
  readonly reason: string
}

/**
 * Suspends an operator, which the operator's own system may do too, or lets one work again.
 * @throws GatewayError operator_not_found, also outside one's scope
 */
export const suspendOperator = async (
  { clock }: Pick<OnboardingDeps, 'clock'>,
  tx: Tx,
  caller: Caller,
  { operatorId, suspended, reason }: OperatorChange,
): Promise<Answer> => {
  const operator = await lockOperator(tx, operatorId)
  const isOwn = operator?.clientId === caller.clientId && suspended
  if (operator === undefined || !(isOwn || isRegistryHand(caller)))
    throw new GatewayError('operator_not_found')
  await setOperatorSuspended(tx, operatorId, suspended ? clock.now() : null)
  return {
    status: 200,
    data: showOperator({ ...operator, suspended }),
    deed: {
      action: suspended ? 'operator.suspend' : 'operator.resume',
      decision: 'allowed',
      detail: { operatorId, reason },
    },
  }
}
