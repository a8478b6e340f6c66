import type { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { roles } from '../contract/caller.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Client } from './client.ts'
import { findClient, listCertificates, listClients } from './client-store.ts'
import { issueCertificate } from './issue-certificate.ts'
import { certificateBody, clientBody, clientsQuery, revokeBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import {
  clientData,
  clientsData,
  requestData,
  revokedData,
  showCertificate,
  showClient,
} from './onboarding-views.ts'
import { pageOf, pageStart } from './page-of.ts'
import { registerClient } from './register-client.ts'
import { seesRegistry } from './registry-hands.ts'
import { requestCertificate } from './request-certificate.ts'
import { revokeClient } from './revoke-client.ts'

/** Clients and their certificates. */
export const clientEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  listEndpoint(deps),
  getEndpoint(deps),
  registerEndpoint(deps),
  ...keyEndpoints(deps),
]

const write = { method: 'POST', idempotent: true, operatorRequired: false } as const
const read = { method: 'GET', idempotent: false, operatorRequired: false } as const

const registerEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  writeEndpoint<Tx, typeof clientBody>({
    ...write,
    operationId: 'registerClient',
    path: '/v1/clients',
    summaryZh: '登记客户端(尚无证书,不能使用)',
    roles: ['X'],
    codes: ['organisation_not_found', 'version_conflict'],
    body: clientBody,
    data: clientData,
    handle: ({ body, tx }) => registerClient(deps, tx, body),
  })

const keyEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  writeEndpoint<Tx, typeof certificateBody>({
    ...write,
    operationId: 'requestCertificate',
    path: '/v1/clients/:clientId/certificates',
    summaryZh: '申请客户端证书;客户端自己换发的当即签发,其余待另一人签发',
    roles,
    codes: ['client_not_found', 'precondition_failed', 'version_conflict'],
    body: certificateBody,
    data: requestData,
    handle: ({ caller, params, body, tx }) =>
      requestCertificate(deps, tx, caller, { clientId: clientIdOf(params), body }),
  }),
  writeEndpoint<Tx, z.ZodType>({
    ...write,
    operationId: 'issueCertificate',
    path: '/v1/clients/:clientId/certificates/:requestId/issue',
    summaryZh: '签发他人申请的客户端证书',
    roles: ['X', 'Y'],
    codes: ['client_not_found', 'precondition_failed', 'version_conflict'],
    data: requestData,
    handle: ({ caller, params, tx }) =>
      issueCertificate(deps, tx, caller, {
        clientId: clientIdOf(params),
        requestId: params['requestId'] ?? '',
      }),
  }),
  writeEndpoint<Tx, typeof revokeBody>({
    ...write,
    operationId: 'revokeClient',
    path: '/v1/clients/:clientId/revoke',
    summaryZh: '吊销一份证书,或停用客户端并吊销其全部证书',
    roles,
    codes: ['client_not_found'],
    body: revokeBody,
    data: revokedData,
    handle: ({ caller, params, body, tx }) =>
      revokeClient(deps, tx, caller, { clientId: clientIdOf(params), body }),
  }),
]

const listEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'listClients',
    path: '/v1/clients',
    summaryZh: '列出客户端',
    roles,
    query: clientsQuery,
    codes: ['bad_cursor'],
    data: clientsData,
    handle: async ({ caller, query }) => {
      const { limit, cursor, organisation } = clientsQuery.parse(query)
      const after = pageStart(cursor)
      const rows = seesRegistry(caller)
        ? await listClients(deps.db, {
            after,
            limit: limit + 1,
            ...(organisation === undefined ? {} : { organisationId: asId(organisation) }),
          })
        : await ownOnly(deps, caller, { after, organisation })
      return {
        status: 200,
        data: pageOf(rows, limit, {
          name: 'clients',
          show: showClient,
          idOf: ({ clientId }) => clientId,
        }),
        deed: { action: 'registry.read', decision: 'allowed', detail: { of: 'clients' } },
      }
    },
  })

const ownOnly = async (
  { db }: OnboardingDeps,
  caller: Caller,
  { after, organisation }: { readonly after: string; readonly organisation: string | undefined },
): Promise<readonly Client[]> => {
  const own = after === '' ? await findClient(db, caller.clientId) : undefined
  const isAskedFor = organisation === undefined || own?.organisationId === organisation
  return own !== undefined && isAskedFor ? [own] : []
}

const getEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'getClient',
    path: '/v1/clients/:clientId',
    summaryZh: '查看客户端及其证书的剩余天数',
    roles,
    codes: ['client_not_found'],
    data: clientData,
    handle: async ({ caller, params }) => {
      const clientId = clientIdOf(params)
      const maySee = seesRegistry(caller) || caller.clientId === clientId
      const client = maySee ? await findClient(deps.db, clientId) : undefined
      if (client === undefined) throw new GatewayError('client_not_found')
      const certificates = await listCertificates(deps.db, clientId)
      const now = deps.clock.now()
      return {
        status: 200,
        data: {
          ...showClient(client),
          certificates: certificates.map((certificate) => showCertificate(certificate, now)),
        },
        deed: { action: 'registry.read', decision: 'allowed', detail: { clientId } },
      }
    },
  })

const clientIdOf = (params: Readonly<Record<string, string>>) =>
  asId<Client['clientId']>(params['clientId'] ?? '')
