import type { ClientId, GrantId, ItemCode, TypeCode } from '../contract/ids.ts'

/** Leave of a licence's issuing department for one client to use one type for one service item. */
export type Grant = {
  readonly grantId: GrantId
  readonly clientId: ClientId
  readonly typeCode: TypeCode
  readonly itemCode: ItemCode
  /** Undefined: every version of the item. */
  readonly itemVersion: number | undefined
  /** Fixed when the grant is proposed: a later version of the item widens nothing. */
  readonly fields: readonly string[]
  readonly legalBasis: string
  readonly status: 'proposed' | 'active' | 'revoked'
  /** Client ids of the hands that proposed, approved, revoked. */
  readonly proposedBy: ClientId
  readonly approvedBy: ClientId | undefined
  readonly revokedBy: ClientId | undefined
  readonly createdAt: Date
  readonly decidedAt: Date | undefined
}

/** An active grant, as far as its use goes. */
export type ActiveGrant = Pick<
  Grant,
  'grantId' | 'typeCode' | 'itemVersion' | 'fields' | 'legalBasis'
>

/** The active grants that hold for a version of the item; a grant without version holds for all. */
export const grantsForVersion = (
  grants: readonly ActiveGrant[],
  itemVersion: number,
): readonly ActiveGrant[] =>
  grants.filter((grant) => grant.itemVersion === undefined || grant.itemVersion === itemVersion)
