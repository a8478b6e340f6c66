import type { Selectable } from 'kysely'
import { asId, type OrganisationId } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'
import { type AccessDb, toRoles } from './client-store.ts'
import type { Organisation } from './organisation.ts'

export const findOrganisation = async (
  db: AccessDb,
  organisationId: OrganisationId,
): Promise<Organisation | undefined> => {
  const row = await db
    .selectFrom('organisation')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return row === undefined ? undefined : toOrganisation(row)
}

/** The organisation of a unified social credit code. */
export const findOrganisationByUscc = async (
  db: AccessDb,
  uscc: string,
): Promise<Organisation | undefined> => {
  const row = await db
    .selectFrom('organisation')
    .selectAll()
    .where('uscc', '=', uscc)
    .executeTakeFirst()
  return row === undefined ? undefined : toOrganisation(row)
}

/** Organisations after an id, by id. */
export const listOrganisations = async (
  db: AccessDb,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Organisation[]> => {
  const rows = await db
    .selectFrom('organisation')
    .selectAll()
    .where('organisation_id', '>', page.after)
    .orderBy('organisation_id')
    .limit(page.limit)
    .execute()
  return rows.map(toOrganisation)
}

/** Adds an organisation. @returns false when its id or credit code is taken. */
export const insertOrganisation = async (
  tx: AccessDb,
  organisation: Organisation,
  createdAt: Date,
): Promise<boolean> => {
  const added = await tx
    .insertInto('organisation')
    .values({
      organisation_id: organisation.organisationId,
      name_zh: organisation.nameZh,
      uscc: organisation.uscc,
      parent_id: organisation.parentId ?? null,
      roles: organisation.roles,
      connected: organisation.connected,
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('organisation_id')
    .executeTakeFirst()
  return added !== undefined
}

const toOrganisation = (row: Selectable<Database['organisation']>): Organisation => ({
  organisationId: asId(row.organisation_id),
  nameZh: row.name_zh,
  uscc: asId(row.uscc),
  parentId: row.parent_id === null ? undefined : asId(row.parent_id),
  roles: toRoles(row.roles),
  connected: row.connected,
})

/** Credit codes of an organisation and of those directly beneath it. */
export const listUsccsOf = async (
  db: AccessDb,
  organisationId: string,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('organisation')
    .select('uscc')
    .where((where) =>
      where.or([
        where('organisation_id', '=', organisationId),
        where('parent_id', '=', organisationId),
      ]),
    )
    .orderBy('uscc')
    .limit(1000)
    .execute()
  return rows.map(({ uscc }) => uscc)
}
