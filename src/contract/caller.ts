import { GatewayError } from './error.ts'
import type { CertificateId, ClientId, OperatorId, OrganisationId } from './ids.ts'

/** Roles of api.md: registrar, clerk, portal, department, steward, hall operator, auditor, supervision, hotline, administrator, security officer. */
export const roles = ['R', 'C', 'P', 'D', 'S', 'O', 'A', 'V', 'H', 'X', 'Y'] as const
export type Role = (typeof roles)[number]

/** Who signed the request, as far as the signature and our registry prove it. */
export type Caller = {
  readonly clientId: ClientId
  readonly kind: 'system' | 'person'
  readonly organisationId: OrganisationId
  readonly roles: readonly Role[]
  readonly certificateId: CertificateId
  /** A person's own operator, or the one that a clerk system names in `zhengqiao-operator`. */
  readonly operatorId: OperatorId | undefined
  /** True when a system only asserts the operator. */
  readonly operatorAsserted: boolean
}

/** @throws GatewayError scope_missing unless the caller holds one of the roles. */
export const requireRole = (caller: Caller, allowed: readonly Role[]): void => {
  if (!caller.roles.some((role) => allowed.includes(role))) throw new GatewayError('scope_missing')
}
