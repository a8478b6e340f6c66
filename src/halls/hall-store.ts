import { hallSpecSchema, type HallSpec } from './hall-spec.ts'
import { hallTables, type HallDb } from './hall-tables-store.ts'

export type ListedHalls = {
  readonly specs: readonly HallSpec[]
  /** Faults of rows that are no hall's, each with its place. */
  readonly problems: readonly string[]
}

/** The connected halls in their order. */
export const listHalls = async (db: HallDb): Promise<ListedHalls> => {
  const rows = await hallTables(db)
    .selectFrom('hall')
    .select(['hall_id', 'definition'])
    .where('enabled', '=', true)
    .orderBy('position')
    .orderBy('hall_id')
    .limit(200)
    .execute()
  const read = rows.map((row) => ({
    hallId: row.hall_id,
    spec: hallSpecSchema.safeParse(row.definition),
  }))
  return {
    specs: read.flatMap(({ spec }) => (spec.success ? [spec.data] : [])),
    problems: read.flatMap(({ hallId, spec }) =>
      spec.success
        ? []
        : spec.error.issues.map(
            ({ path, message }) => `hall ${hallId}: ${path.join('.')}: ${message}`,
          ),
    ),
  }
}

/** Disconnects a hall from the next start on; its row stays. @returns false when there is none. */
export const disableHall = async (db: HallDb, hallId: string, now: Date): Promise<boolean> => {
  const changed = await hallTables(db)
    .updateTable('hall')
    .set({ enabled: false, updated_at: now })
    .where('hall_id', '=', hallId)
    .where('enabled', '=', true)
    .returning('hall_id')
    .executeTakeFirst()
  return changed !== undefined
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
