import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { organisationBody, pageQuery } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { organisationData, organisationsData, showOrganisation } from './onboarding-views.ts'
import { findOrganisation, listOrganisations } from './organisation-store.ts'
import { pageOf, pageStart } from './page-of.ts'
import { registerOrganisation } from './register-organisation.ts'

/** GET and POST /v1/organisations, GET /v1/organisations/{id}. */
export const organisationEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  registerEndpoint(deps),
  listEndpoint(deps),
  getEndpoint(deps),
]

const read = {
  method: 'GET',
  roles: ['X', 'Y', 'A', 'S', 'D', 'R', 'C', 'P'],
  idempotent: false,
  operatorRequired: false,
} as const

const registerEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  writeEndpoint<Tx, typeof organisationBody>({
    operationId: 'registerOrganisation',
    method: 'POST',
    path: '/v1/organisations',
    summaryZh: '登记机构',
    roles: ['X'],
    idempotent: true,
    operatorRequired: false,
    codes: ['organisation_not_found', 'version_conflict'],
    body: organisationBody,
    data: organisationData,
    handle: ({ body, tx }) => registerOrganisation(deps, tx, body),
  })

const listEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'listOrganisations',
    path: '/v1/organisations',
    summaryZh: '列出机构',
    query: pageQuery,
    codes: ['bad_cursor'],
    data: organisationsData,
    handle: async (call) => {
      const { limit, cursor } = pageQuery.parse(call.query)
      const rows = await listOrganisations(deps.db, { after: pageStart(cursor), limit: limit + 1 })
      return {
        status: 200,
        data: pageOf(rows, limit, {
          name: 'organisations',
          show: showOrganisation,
          idOf: ({ organisationId }) => organisationId,
        }),
        deed: { action: 'registry.read', decision: 'allowed', detail: { of: 'organisations' } },
      }
    },
  })

const getEndpoint = (deps: OnboardingDeps): Endpoint<Tx> =>
  readEndpoint({
    ...read,
    operationId: 'getOrganisation',
    path: '/v1/organisations/:organisationId',
    summaryZh: '查看机构',
    codes: ['organisation_not_found'],
    data: organisationData,
    handle: async ({ params }) => {
      const organisationId = params['organisationId'] ?? ''
      const organisation = await findOrganisation(deps.db, asId(organisationId))
      if (organisation === undefined) throw new GatewayError('organisation_not_found')
      return {
        status: 200,
        data: showOrganisation(organisation),
        deed: { action: 'registry.read', decision: 'allowed', detail: { organisationId } },
      }
    },
  })
