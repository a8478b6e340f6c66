import type { Operator } from '../../access/operator.ts'
import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import { operatorHeader } from '../operator-header.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'
import { unreadable } from './check-client.ts'

/**
 * A person acts in their own name; a system names an operator who is registered to it, and a clerk
 * system must where the endpoint asks for one.
 * @throws GatewayError operator_unknown, operator_suspended
 */
export const checkOperator = (
  { directory }: Pick<PipelineDeps, 'directory'>,
  exchange: Exchange,
): void | Promise<void> => {
  const { operatorId, clientId, kind } = found(exchange.caller)
  requireClaim(exchange)
  if (operatorId === undefined) return undefined
  const judge = (operator: Operator | undefined): void => {
    const isOwn = kind === 'person' || operator?.clientId === clientId
    if (operator === undefined || !isOwn)
      throw new GatewayError('operator_unknown', textsZh.operatorNotYours)
    if (operator.suspended) throw new GatewayError('operator_suspended')
  }
  const operator = directory.operator(operatorId)
  if (operator instanceof Promise) return operator.catch(unreadable).then(judge)
  judge(operator)
  return undefined
}

const requireClaim = ({ raw, endpoint, caller }: Exchange): void => {
  const { kind, roles, operatorId } = found(caller)
  const named = raw.headers.get('zhengqiao-operator')
  if (named !== undefined && operatorHeader(raw) !== operatorId)
    throw new GatewayError('operator_unknown', textsZh.operatorNotYours)
  if (named !== undefined && operatorId === undefined)
    throw new GatewayError('operator_unknown', textsZh.operatorNotYours)
  const isNeeded = endpoint.operatorRequired && kind === 'system' && roles.includes('C')
  if (isNeeded && operatorId === undefined)
    throw new GatewayError('operator_unknown', textsZh.operatorMissing)
}
