import type { Role } from '../contract/caller.ts'
import { GatewayError } from '../contract/error.ts'
import type { CertificateId, ClientId, OperatorId, OrganisationId } from '../contract/ids.ts'

/** A system, or one person with a key of their own; both sign their requests. */
export type Client = {
  readonly clientId: ClientId
  readonly kind: 'system' | 'person'
  readonly organisationId: OrganisationId
  readonly roles: readonly Role[]
  /** Whose key it is; for persons only. */
  readonly operatorId: OperatorId | undefined
  readonly suspended: boolean
}

/** A client with the certificate that a request was signed with, as the registry has them now. */
export type KnownClient = Client & {
  readonly certificateId: CertificateId
  readonly certificateDer: Uint8Array
  /** DER SubjectPublicKeyInfo of the certificate. */
  readonly spki: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly certificateRevoked: boolean
}

/** Roles that act in a person's own name, so that a second person is a second key (api.md). */
const personRoles: readonly Role[] = ['S', 'A', 'X', 'Y']

/**
 * The rules of a client's roles: within its organisation's, persons' roles with a person's key only,
 * administrator and security officer never in one hand.
 * @throws GatewayError validation_failed
 */
export const requireSoundRoles = (
  client: Pick<Client, 'kind' | 'roles' | 'operatorId'>,
  organisationRoles: readonly Role[],
): void => {
  const { kind, roles } = client
  if (roles.some((role) => !organisationRoles.includes(role)))
    throw refused('客户端的角色须在其机构的角色之内')
  if (kind === 'system' && roles.some((role) => personRoles.includes(role)))
    throw refused('入库员、审计员、管理员和安全员须使用个人证书')
  if ((kind === 'person') !== (client.operatorId !== undefined))
    throw refused('个人证书须对应一名经办人,系统证书不对应经办人')
  requireSeparateDuties(roles)
}

/**
 * Takes the roles that one person holds over all keys.
 * @throws GatewayError validation_failed when they are administrator and security officer at once
 */
export const requireSeparateDuties = (rolesOfPerson: readonly Role[]): void => {
  if (rolesOfPerson.includes('X') && rolesOfPerson.includes('Y'))
    throw refused('系统管理员与安全员不得由同一人担任')
}

const refused = (detail: string): GatewayError =>
  new GatewayError('validation_failed', detail, {
    errors: [{ pointer: '/roles', code: 'roles', detail }],
  })
