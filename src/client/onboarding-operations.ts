import {
  clientData,
  clientsData,
  grantData,
  grantsData,
  operatorData,
  operatorsData,
  organisationData,
  organisationsData,
  requestData,
  revokedData,
} from '../access/onboarding-views.ts'
import { get, post } from './operations.ts'

/** Onboarding, by operationId; what `zhengqiao org|client|operator|grant|cert` calls. */
export const onboardingOperations = {
  registerOrganisation: post('/v1/organisations', organisationData),
  listOrganisations: get('/v1/organisations', organisationsData),
  getOrganisation: get('/v1/organisations/{organisationId}', organisationData),
  registerClient: post('/v1/clients', clientData),
  listClients: get('/v1/clients', clientsData),
  getClient: get('/v1/clients/{clientId}', clientData),
  requestCertificate: post('/v1/clients/{clientId}/certificates', requestData),
  issueCertificate: post('/v1/clients/{clientId}/certificates/{requestId}/issue', requestData),
  revokeClient: post('/v1/clients/{clientId}/revoke', revokedData),
  registerOperator: post('/v1/operators', operatorData),
  suspendOperator: post('/v1/operators/{operatorId}/suspend', operatorData),
  resumeOperator: post('/v1/operators/{operatorId}/resume', operatorData),
  listOperators: get('/v1/operators', operatorsData),
  getOperator: get('/v1/operators/{operatorId}', operatorData),
  proposeGrant: post('/v1/grants', grantData),
  approveGrant: post('/v1/grants/{grantId}/approve', grantData),
  revokeGrant: post('/v1/grants/{grantId}/revoke', grantData),
  listGrants: get('/v1/grants', grantsData),
  getGrant: get('/v1/grants/{grantId}', grantData),
} as const
