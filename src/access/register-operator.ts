import type { output } from 'zod'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { findClient } from './client-store.ts'
import type { operatorBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { showOperator } from './onboarding-views.ts'
import { insertOperator } from './operator-store.ts'
import type { Operator } from './operator.ts'

/** Registers an operator to the system that will name them. @throws GatewayError client_not_found, version_conflict */
export const registerOperator = async (
  { clock, keys }: Pick<OnboardingDeps, 'clock' | 'keys'>,
  tx: Tx,
  body: output<typeof operatorBody>,
): Promise<Answer> => {
  const client = await findClient(tx, asId(body.clientId))
  if (client?.kind !== 'system') throw new GatewayError('client_not_found')
  const operator: Operator = {
    operatorId: asId(body.operatorId),
    organisationId: client.organisationId,
    clientId: client.clientId,
    serviceWindow: body.window,
    suspended: false,
  }
  const named = { ...operator, name: body.name, createdAt: clock.now() }
  if (!(await insertOperator(tx, keys, named)))
    throw new GatewayError('version_conflict', '经办人编号已登记')
  const { operatorId, clientId } = operator
  return {
    status: 201,
    data: showOperator(operator),
    deed: {
      action: 'operator.add',
      decision: 'allowed',
      detail: { operatorId, clientId: clientId ?? null },
    },
  }
}
