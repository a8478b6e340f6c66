import type { Endpoint } from '../contract/endpoint.ts'
import type { Tx } from '../store/in-transaction.ts'
import { clientEndpoints } from './client-endpoints.ts'
import { grantEndpoints } from './grant-endpoints.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { operatorEndpoints } from './operator-endpoints.ts'
import { organisationEndpoints } from './organisation-endpoints.ts'

/** Onboarding: organisations, clients with their certificates, operators, grants. */
export const accessEndpoints = (deps: OnboardingDeps): readonly Endpoint<Tx>[] => [
  ...organisationEndpoints(deps),
  ...clientEndpoints(deps),
  ...operatorEndpoints(deps),
  ...grantEndpoints(deps),
]
