import { findLicenceType } from '../catalogue/catalogue-store.ts'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { actsForIssuer } from './acts-for-issuer.ts'
import { type AccessDb, findClient } from './client-store.ts'
import { lockGrant, saveDecision } from './grant-store.ts'
import type { Grant } from './grant.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { showGrant } from './onboarding-views.ts'
import { grantDeed } from './propose-grant.ts'
import { isRegistryHand, requireSecondPerson } from './registry-hands.ts'

/**
 * A steward of the department that issues the type lets a proposed grant hold.
 * @throws GatewayError grant_not_found (also outside one's scope), version_conflict unless proposed,
 *   precondition_failed for who proposed it
 */
export const approveGrant = async (
  { clock }: Pick<OnboardingDeps, 'clock'>,
  tx: Tx,
  caller: Caller,
  grantId: string,
): Promise<Answer> => {
  const grant = await lockKnown(tx, grantId)
  if (grant === undefined || !(await isIssuersSteward(tx, caller, grant)))
    throw new GatewayError('grant_not_found')
  if (grant.status !== 'proposed') throw new GatewayError('version_conflict', '此授权不在待批状态')
  const proposer = await findClient(tx, grant.proposedBy)
  requireSecondPerson(caller, { clientId: grant.proposedBy, operatorId: proposer?.operatorId })
  const approved: Grant = {
    ...grant,
    status: 'active',
    approvedBy: caller.clientId,
    decidedAt: clock.now(),
  }
  await saveDecision(tx, approved)
  return { status: 200, data: showGrant(approved), deed: grantDeed('grant.approve', approved) }
}

/**
 * Ends a grant, proposed or active: either side may, and whoever keeps the registry.
 * @throws GatewayError grant_not_found (also outside one's scope), version_conflict when it has ended
 */
export const revokeGrant = async (
  { clock }: Pick<OnboardingDeps, 'clock'>,
  tx: Tx,
  caller: Caller,
  { grantId, reason }: { readonly grantId: string; readonly reason: string },
): Promise<Answer> => {
  const grant = await lockKnown(tx, grantId)
  if (grant === undefined || !(await concernsGrant(tx, caller, grant)))
    throw new GatewayError('grant_not_found')
  if (grant.status === 'revoked') throw new GatewayError('version_conflict', '此授权已撤销')
  const revoked: Grant = {
    ...grant,
    status: 'revoked',
    revokedBy: caller.clientId,
    decidedAt: clock.now(),
  }
  await saveDecision(tx, revoked)
  const { detail, ...deed } = grantDeed('grant.revoke', revoked)
  return {
    status: 200,
    data: showGrant(revoked),
    deed: { ...deed, detail: { grant: detail ?? null, reason } },
  }
}

/** The two sides of a grant, and whoever keeps the registry. */
export const concernsGrant = async (db: AccessDb, caller: Caller, grant: Grant): Promise<boolean> =>
  caller.clientId === grant.clientId ||
  isRegistryHand(caller) ||
  (await isIssuersSteward(db, caller, grant))

const isIssuersSteward = async (
  db: AccessDb,
  caller: Caller,
  { typeCode }: Grant,
): Promise<boolean> => {
  if (!caller.roles.includes('S')) return false
  const type = await findLicenceType(db, typeCode)
  return type !== undefined && actsForIssuer(db, caller.organisationId, type.issuer.code)
}

const lockKnown = (tx: Tx, grantId: string): Promise<Grant | undefined> =>
  isUuid(grantId) ? lockGrant(tx, asId(grantId)) : Promise.resolve(undefined)
