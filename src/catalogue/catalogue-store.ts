import { type Kysely, sql } from 'kysely'
import type { Database } from '../store/schema.ts'
import { type LicenceType, licenceTypeSchema } from './licence-type.ts'
import { type ServiceItem, serviceItemSchema } from './service-item.ts'

/** A connection or an open transaction. */
export type CatalogueDb = Kysely<Database>

const listMax = 500

/** The item in one version, or in its newest when none is named. */
export const findServiceItem = async (
  db: CatalogueDb,
  code: string,
  version?: number,
): Promise<ServiceItem | undefined> => {
  const row = await db
    .selectFrom('service_item')
    .select('definition')
    .where('item_code', '=', code)
    .$if(version !== undefined, (query) => query.where('version', '=', version ?? 0))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : serviceItemSchema.parse(row.definition)
}

/** The newest version of every item, by code. */
export const listServiceItems = async (db: CatalogueDb): Promise<readonly ServiceItem[]> => {
  const rows = await db
    .selectFrom('service_item')
    .distinctOn('item_code')
    .select('definition')
    .orderBy('item_code')
    .orderBy('version', 'desc')
    .limit(listMax)
    .execute()
  return rows.map(({ definition }) => serviceItemSchema.parse(definition))
}

/** The type in one catalogue version, or in its newest when none is named. */
export const findLicenceType = async (
  db: CatalogueDb,
  typeCode: string,
  version?: number,
): Promise<LicenceType | undefined> => {
  const row = await db
    .selectFrom('licence_type')
    .select('definition')
    .where('type_code', '=', typeCode)
    .$if(version !== undefined, (query) => query.where('version', '=', version ?? 0))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : licenceTypeSchema.parse(row.definition)
}

/** The newest version of every type, by code. */
export const listLicenceTypes = async (db: CatalogueDb): Promise<readonly LicenceType[]> => {
  const rows = await db
    .selectFrom('licence_type')
    .distinctOn('type_code')
    .select('definition')
    .orderBy('type_code')
    .orderBy('version', 'desc')
    .limit(listMax)
    .execute()
  return rows.map(({ definition }) => licenceTypeSchema.parse(definition))
}

/** Adds a version of a type. @returns false when that version stands already (versions are never edited). */
export const insertLicenceType = async (
  db: CatalogueDb,
  type: LicenceType,
  now: Date,
): Promise<boolean> => {
  const added = await db
    .insertInto('licence_type')
    .values({
      type_code: type.typeCode,
      version: type.version,
      short_code: type.shortCode,
      issuer_code: type.issuer.code,
      status: type.status,
      definition: json(type),
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('version')
    .executeTakeFirst()
  return added !== undefined
}

/** Adds a version of an item. @returns false when that version stands already. */
export const insertServiceItem = async (
  db: CatalogueDb,
  item: ServiceItem,
  now: Date,
): Promise<boolean> => {
  const added = await db
    .insertInto('service_item')
    .values({
      item_code: item.code,
      version: item.version,
      definition: json(item),
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('version')
    .executeTakeFirst()
  return added !== undefined
}

const json = (value: LicenceType | ServiceItem) => sql<string>`${JSON.stringify(value)}::jsonb`
