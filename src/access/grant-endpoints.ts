import type { ZodType } from 'zod'
import { roles } from '../contract/caller.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { approveGrant, concernsGrant, revokeGrant } from './decide-grant.ts'
import { findGrantById } from './grant-store.ts'
import { listVisibleGrants } from './list-grants.ts'
import { grantBody, ofClientQuery, reasonBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { grantData, grantsData, showGrant } from './onboarding-views.ts'
import { pageOf, pageStart } from './page-of.ts'
import { proposeGrant } from './propose-grant.ts'
import { seesRegistry } from './registry-hands.ts'

/** Grants: proposed by the requester or an administrator, approved by the issuing department. */
export const grantEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  proposeEndpoint(deps),
  approveEndpoint(deps),
  revokeEndpoint(deps),
  listEndpoint(deps),
  getEndpoint(deps),
]

const write = { method: 'POST', idempotent: true, operatorRequired: false } as const
const read = { method: 'GET', idempotent: false, operatorRequired: false } as const

const proposeEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  writeEndpoint<Tx, typeof grantBody>({
    ...write,
    operationId: 'proposeGrant',
    path: '/v1/grants',
    summaryZh: '申请授权:某客户端为某事项使用某类证照',
    roles: ['X', 'C', 'P', 'D'],
    codes: ['client_not_found', 'item_not_found', 'type_not_found', 'item_does_not_need_type'],
    body: grantBody,
    data: grantData,
    handle: ({ caller, body, tx }) => proposeGrant(deps, tx, caller, body),
  })

const approveEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  writeEndpoint<Tx, ZodType>({
    ...write,
    operationId: 'approveGrant',
    path: '/v1/grants/:grantId/approve',
    summaryZh: '证照颁发部门批准授权',
    roles: ['S'],
    codes: ['grant_not_found', 'version_conflict', 'precondition_failed'],
    data: grantData,
    handle: ({ caller, params, tx }) => approveGrant(deps, tx, caller, params['grantId'] ?? ''),
  })

const revokeEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  writeEndpoint<Tx, typeof reasonBody>({
    ...write,
    operationId: 'revokeGrant',
    path: '/v1/grants/:grantId/revoke',
    summaryZh: '撤销授权(任何一方均可)',
    roles: ['X', 'Y', 'S', 'C', 'P', 'D'],
    codes: ['grant_not_found', 'version_conflict'],
    body: reasonBody,
    data: grantData,
    handle: ({ caller, params, body, tx }) =>
      revokeGrant(deps, tx, caller, { grantId: params['grantId'] ?? '', reason: body.reason }),
  })

const listEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'listGrants',
    path: '/v1/grants',
    summaryZh: '列出授权',
    roles,
    query: ofClientQuery,
    codes: ['bad_cursor'],
    data: grantsData,
    handle: async ({ caller, query }) => {
      const { limit, cursor, client } = ofClientQuery.parse(query)
      const after = pageStart(cursor)
      if (after !== '' && !isUuid(after)) throw new GatewayError('bad_cursor')
      const rows = await listVisibleGrants(deps.db, caller, { after, limit: limit + 1, client })
      return {
        status: 200,
        data: pageOf(rows, limit, {
          name: 'grants',
          show: showGrant,
          idOf: ({ grantId }) => grantId,
        }),
        deed: { action: 'registry.read', decision: 'allowed', detail: { of: 'grants' } },
      }
    },
  })

const getEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'getGrant',
    path: '/v1/grants/:grantId',
    summaryZh: '查看授权',
    roles,
    codes: ['grant_not_found'],
    data: grantData,
    handle: async ({ caller, params }) => {
      const grantId = params['grantId'] ?? ''
      const grant = isUuid(grantId) ? await findGrantById(deps.db, asId(grantId)) : undefined
      const maySee =
        grant !== undefined &&
        (seesRegistry(caller) || (await concernsGrant(deps.db, caller, grant)))
      if (!maySee) throw new GatewayError('grant_not_found')
      return {
        status: 200,
        data: showGrant(grant),
        deed: { action: 'registry.read', decision: 'allowed', detail: { grantId } },
      }
    },
  })
