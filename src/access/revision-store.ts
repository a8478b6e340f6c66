import type { AccessDb } from './client-store.ts'

/** How often organisations, clients, certificates, operators or grants have changed. */
export const readAccessRevision = async (db: AccessDb): Promise<number> => {
  const row = await db
    .selectFrom('setting')
    .select('value')
    .where('name', '=', 'access_revision')
    .executeTakeFirst()
  return typeof row?.value === 'number' ? row.value : 0
}
