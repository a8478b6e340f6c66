import { hallSpecSchema, type HallSpec } from './hall-spec.ts'
import { hallTables, type HallDb } from './hall-tables-store.ts'

/** The connected halls in their order; a row that is not a hall's is an error of whoever wrote it. */
export const listHalls = async (db: HallDb): Promise<readonly HallSpec[]> => {
  const rows = await hallTables(db)
    .selectFrom('hall')
    .select('definition')
    .where('enabled', '=', true)
    .orderBy('position')
    .orderBy('hall_id')
    .limit(200)
    .execute()
  return rows.map(({ definition }) => hallSpecSchema.parse(definition))
}

/** Adds a hall or replaces its configuration; takes effect when the gateway starts. */
export const saveHall = async (
  db: HallDb,
  spec: HallSpec,
  { position, now }: { readonly position: number; readonly now: Date },
): Promise<void> => {
  const row = { position, definition: JSON.stringify(spec), updated_at: now, enabled: true }
  await hallTables(db)
    .insertInto('hall')
    .values({ hall_id: spec.hallId, ...row })
    .onConflict((conflict) => conflict.column('hall_id').doUpdateSet(row))
    .execute()
}
