import type { output } from 'zod'
import { findLicenceType, findServiceItem } from '../catalogue/catalogue-store.ts'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { findClient } from './client-store.ts'
import { insertGrant } from './grant-store.ts'
import type { Grant } from './grant.ts'
import type { grantBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { fieldsNeeded } from './fields-needed.ts'
import { showGrant } from './onboarding-views.ts'

type Body = output<typeof grantBody>

/**
 * Proposes that a client may use a type for an item, by the client itself or an administrator. It gives
 * nothing until a steward of the issuing department approves it.
 * @throws GatewayError client_not_found, item_not_found, type_not_found, item_does_not_need_type,
 *   validation_failed for fields that the type has not
 */
export const proposeGrant = async (
  { clock, randomBytes }: Pick<OnboardingDeps, 'clock' | 'randomBytes'>,
  tx: Tx,
  caller: Caller,
  body: Body,
): Promise<Answer> => {
  const mayPropose = caller.roles.includes('X') || caller.clientId === body.clientId
  const client = mayPropose ? await findClient(tx, asId(body.clientId)) : undefined
  if (client === undefined) throw new GatewayError('client_not_found')
  const fields = await fieldsOfUse(tx, body)
  const now = clock.now()
  const grant: Grant = {
    grantId: asId(newUuidV7(now.getTime(), randomBytes)),
    clientId: client.clientId,
    typeCode: asId(body.typeCode),
    itemCode: asId(body.itemCode),
    itemVersion: body.itemVersion,
    fields,
    legalBasis: body.legalBasis,
    status: 'proposed',
    proposedBy: caller.clientId,
    approvedBy: undefined,
    revokedBy: undefined,
    createdAt: now,
    decidedAt: undefined,
  }
  await insertGrant(tx, grant)
  return { status: 201, data: showGrant(grant), deed: grantDeed('grant.propose', grant) }
}

/** What every act on a grant files. */
export const grantDeed = (action: string, grant: Grant): Answer['deed'] => ({
  action,
  decision: 'allowed',
  itemCode: grant.itemCode,
  legalBasis: grant.legalBasis,
  ...(grant.itemVersion === undefined ? {} : { itemVersion: grant.itemVersion }),
  detail: {
    grantId: grant.grantId,
    clientId: grant.clientId,
    typeCode: grant.typeCode,
    fields: grant.fields,
  },
})

/** The fields that were asked for, else what the item's materials of that type need as they stand. */
const fieldsOfUse = async (
  tx: Tx,
  { itemCode, itemVersion, typeCode, fields }: Body,
): Promise<readonly string[]> => {
  const item = await findServiceItem(tx, itemCode, itemVersion)
  if (item === undefined) throw new GatewayError('item_not_found')
  const type = await findLicenceType(tx, typeCode)
  if (type === undefined) throw new GatewayError('type_not_found')
  if (!item.materials.some((material) => material.typeCode === typeCode))
    throw new GatewayError('item_does_not_need_type')
  const unknown = (fields ?? []).findIndex((field) => !type.fields.some(({ key }) => key === field))
  if (unknown >= 0) {
    const detail = '此类证照没有这项照面信息'
    const pointer = `/fields/${String(unknown)}`
    throw new GatewayError('validation_failed', detail, {
      errors: [{ pointer, code: 'unknown_surface_field', detail }],
    })
  }
  return fields ?? fieldsNeeded(item, typeCode)
}
