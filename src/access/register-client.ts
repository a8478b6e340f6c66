import type { output } from 'zod'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { type Client, requireSeparateDuties, requireSoundRoles } from './client.ts'
import { insertClient, lockClientsOfOperator, toRoles } from './client-store.ts'
import type { clientBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { showClient } from './onboarding-views.ts'
import { insertOperator, lockOperator } from './operator-store.ts'
import { findOrganisation } from './organisation-store.ts'

type Body = output<typeof clientBody>

/**
 * Adds a client; it can do nothing until a certificate is issued for it. A person's operator is added
 * with the first key.
 * @throws GatewayError organisation_not_found, validation_failed for unsound roles, version_conflict
 */
export const registerClient = async (
  deps: Pick<OnboardingDeps, 'clock' | 'keys'>,
  tx: Tx,
  body: Body,
): Promise<Answer> => {
  const organisation = await findOrganisation(tx, asId(body.organisationId))
  if (organisation === undefined) throw new GatewayError('organisation_not_found')
  const client: Client = {
    clientId: asId(body.clientId),
    kind: body.kind,
    organisationId: organisation.organisationId,
    roles: toRoles(body.roles),
    operatorId: body.operator === undefined ? undefined : asId(body.operator.operatorId),
    suspended: false,
  }
  requireSoundRoles(client, organisation.roles)
  if (!(await insertClient(tx, client, deps.clock.now())))
    throw new GatewayError('version_conflict', '客户端编号已登记')
  await addPerson(deps, tx, client, body)
  const { clientId, kind, roles } = client
  return {
    status: 201,
    data: showClient(client),
    deed: { action: 'client.add', decision: 'allowed', detail: { clientId, kind, roles } },
  }
}

/** The operator's row is locked first: two keys of one person cannot be added side by side unseen. */
const addPerson = async (
  { clock, keys }: Pick<OnboardingDeps, 'clock' | 'keys'>,
  tx: Tx,
  client: Client,
  { operator }: Body,
): Promise<void> => {
  if (client.operatorId === undefined || operator === undefined) return
  await insertOperator(tx, keys, {
    operatorId: client.operatorId,
    organisationId: client.organisationId,
    clientId: client.clientId,
    serviceWindow: undefined,
    suspended: false,
    name: operator.name,
    createdAt: clock.now(),
  })
  const person = await lockOperator(tx, client.operatorId)
  if (person?.organisationId !== client.organisationId)
    throw new GatewayError('version_conflict', '此经办人编号已用于另一机构')
  const held = await lockClientsOfOperator(tx, client.operatorId)
  requireSeparateDuties(held.flatMap(({ roles }) => roles))
}
