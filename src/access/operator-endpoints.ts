import { roles } from '../contract/caller.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type ClientId, type OperatorId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { ofClientQuery, operatorBody, reasonBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { operatorData, operatorsData, showOperator } from './onboarding-views.ts'
import { findOperator, listOperators } from './operator-store.ts'
import { pageOf, pageStart } from './page-of.ts'
import { registerOperator } from './register-operator.ts'
import { seesRegistry } from './registry-hands.ts'
import { suspendOperator } from './suspend-operator.ts'

/** Operators: register, suspend, resume, read. Names go in and never come out. */
export const operatorEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  writeEndpoint<Tx, typeof operatorBody>({
    ...write,
    operationId: 'registerOperator',
    path: '/v1/operators',
    summaryZh: '登记经办人',
    roles: ['X'],
    codes: ['client_not_found', 'version_conflict'],
    body: operatorBody,
    data: operatorData,
    handle: ({ body, tx }) => registerOperator(deps, tx, body),
  }),
  changeEndpoint(deps, { suspended: true, name: 'suspend', summaryZh: '停用经办人' }),
  changeEndpoint(deps, { suspended: false, name: 'resume', summaryZh: '恢复经办人' }),
  listEndpoint(deps),
  getEndpoint(deps),
]

const write = { method: 'POST', idempotent: true, operatorRequired: false } as const
const read = { method: 'GET', idempotent: false, operatorRequired: false } as const

const changeEndpoint = (
  deps: OnboardingDeps,
  change: { readonly suspended: boolean; readonly name: string; readonly summaryZh: string },
): Endpoint<Tx> =>
  writeEndpoint<Tx, typeof reasonBody>({
    ...write,
    operationId: `${change.name}Operator`,
    path: `/v1/operators/:operatorId/${change.name}`,
    summaryZh: change.summaryZh,
    roles: change.suspended ? ['X', 'Y', 'C', 'P', 'R'] : ['X', 'Y'],
    codes: ['operator_not_found'],
    body: reasonBody,
    data: operatorData,
    handle: ({ caller, params, body, tx }) =>
      suspendOperator(deps, tx, caller, {
        operatorId: asId(params['operatorId'] ?? ''),
        suspended: change.suspended,
        reason: body.reason,
      }),
  })

const listEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'listOperators',
    path: '/v1/operators',
    summaryZh: '列出一个客户端名下的经办人',
    roles,
    query: ofClientQuery,
    codes: ['bad_cursor', 'client_not_found'],
    data: operatorsData,
    handle: async ({ caller, query }) => {
      const { limit, cursor, client = caller.clientId } = ofClientQuery.parse(query)
      if (client !== caller.clientId && !seesRegistry(caller))
        throw new GatewayError('client_not_found')
      const clientId = asId<ClientId>(client)
      const page = { clientId, after: pageStart(cursor), limit: limit + 1 }
      return {
        status: 200,
        data: pageOf(await listOperators(deps.db, page), limit, {
          name: 'operators',
          show: showOperator,
          idOf: ({ operatorId }) => operatorId,
        }),
        deed: { action: 'registry.read', decision: 'allowed', detail: { of: 'operators' } },
      }
    },
  })

const getEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'getOperator',
    path: '/v1/operators/:operatorId',
    summaryZh: '查看经办人',
    roles,
    codes: ['operator_not_found'],
    data: operatorData,
    handle: async ({ caller, params }) => {
      const operatorId = asId<OperatorId>(params['operatorId'] ?? '')
      const operator = await findOperator(deps.db, operatorId)
      const maySee = seesRegistry(caller) || operator?.clientId === caller.clientId
      if (operator === undefined || !maySee) throw new GatewayError('operator_not_found')
      return {
        status: 200,
        data: showOperator(operator),
        deed: { action: 'registry.read', decision: 'allowed', detail: { operatorId } },
      }
    },
  })
