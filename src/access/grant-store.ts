import type { Selectable } from 'kysely'
import { asId, type ClientId, type GrantId } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'
import type { AccessDb } from './client-store.ts'
import type { ActiveGrant, Grant } from './grant.ts'

/** The active grants of a client for an item, for whatever version. */
export const findActiveGrants = async (
  db: AccessDb,
  clientId: ClientId,
  itemCode: string,
): Promise<readonly ActiveGrant[]> => {
  const rows = await db
    .selectFrom('access_grant')
    .selectAll()
    .where('client_id', '=', clientId)
    .where('item_code', '=', itemCode)
    .where('status', '=', 'active')
    .orderBy('type_code')
    .orderBy('grant_id')
    .limit(1000)
    .execute()
  return rows.map(toGrant)
}

export const findGrantById = async (db: AccessDb, grantId: GrantId): Promise<Grant | undefined> => {
  const row = await db
    .selectFrom('access_grant')
    .selectAll()
    .where('grant_id', '=', grantId)
    .executeTakeFirst()
  return row === undefined ? undefined : toGrant(row)
}

/** The grant, locked until the transaction ends. */
export const lockGrant = async (tx: AccessDb, grantId: GrantId): Promise<Grant | undefined> => {
  const row = await tx
    .selectFrom('access_grant')
    .selectAll()
    .where('grant_id', '=', grantId)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toGrant(row)
}

export type GrantPage = {
  readonly clientId?: ClientId
  readonly typeCodes?: readonly string[]
  readonly after?: GrantId
  readonly limit: number
}

/** Grants after an id, in the order in which they were proposed. */
export const listGrants = async (db: AccessDb, page: GrantPage): Promise<readonly Grant[]> => {
  let query = db.selectFrom('access_grant').selectAll()
  if (page.after !== undefined) query = query.where('grant_id', '>', page.after)
  if (page.clientId !== undefined) query = query.where('client_id', '=', page.clientId)
  if (page.typeCodes !== undefined) {
    if (page.typeCodes.length === 0) return []
    query = query.where('type_code', 'in', page.typeCodes)
  }
  const rows = await query.orderBy('grant_id').limit(page.limit).execute()
  return rows.map(toGrant)
}

export const insertGrant = async (tx: AccessDb, grant: Grant): Promise<void> => {
  await tx
    .insertInto('access_grant')
    .values({
      grant_id: grant.grantId,
      client_id: grant.clientId,
      type_code: grant.typeCode,
      item_code: grant.itemCode,
      item_version: grant.itemVersion ?? null,
      fields: grant.fields,
      legal_basis: grant.legalBasis,
      status: grant.status,
      proposed_by: grant.proposedBy,
      approved_by: grant.approvedBy ?? null,
      revoked_by: grant.revokedBy ?? null,
      created_at: grant.createdAt,
      decided_at: grant.decidedAt ?? null,
    })
    .execute()
}

/** Writes the decision on a grant that the transaction has locked. */
export const saveDecision = async (
  tx: AccessDb,
  grant: Pick<Grant, 'grantId' | 'status' | 'approvedBy' | 'revokedBy' | 'decidedAt'>,
): Promise<void> => {
  await tx
    .updateTable('access_grant')
    .set({
      status: grant.status,
      approved_by: grant.approvedBy ?? null,
      revoked_by: grant.revokedBy ?? null,
      decided_at: grant.decidedAt ?? null,
    })
    .where('grant_id', '=', grant.grantId)
    .execute()
}

const toGrant = (row: Selectable<Database['access_grant']>): Grant => ({
  grantId: asId(row.grant_id),
  clientId: asId(row.client_id),
  typeCode: asId(row.type_code),
  itemCode: asId(row.item_code),
  itemVersion: row.item_version ?? undefined,
  // Left open by an older version that still runs beside us: nothing, until it is proposed anew.
  fields: row.fields ?? [],
  legalBasis: row.legal_basis,
  status: row.status,
  proposedBy: asId(row.proposed_by),
  approvedBy: row.approved_by === null ? undefined : asId(row.approved_by),
  revokedBy: row.revoked_by === null ? undefined : asId(row.revoked_by),
  createdAt: row.created_at,
  decidedAt: row.decided_at ?? undefined,
})
