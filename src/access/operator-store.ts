import type { Selectable } from 'kysely'
import { asId, type ClientId, type OperatorId } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Database } from '../store/schema.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { AccessDb } from './client-store.ts'
import type { Operator } from './operator.ts'

const columns = [
  'operator_id',
  'organisation_id',
  'client_id',
  'service_window',
  'suspended_at',
] as const

export const findOperator = async (
  db: AccessDb,
  operatorId: OperatorId,
): Promise<Operator | undefined> => {
  const row = await db
    .selectFrom('operator')
    .select(columns)
    .where('operator_id', '=', operatorId)
    .executeTakeFirst()
  return row === undefined ? undefined : toOperator(row)
}

/** The name under which a department is told who asks. */
export const findOperatorName = async (
  db: AccessDb,
  keys: Pick<DataKeys, 'open'>,
  operatorId: OperatorId,
): Promise<string | undefined> => {
  const row = await db
    .selectFrom('operator')
    .select(['name_blob', 'key_id'])
    .where('operator_id', '=', operatorId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return keys.open(row.name_blob, row.key_id, nameContext(operatorId)).toString('utf8')
}

/** The operator, locked until the transaction ends. */
export const lockOperator = async (
  tx: AccessDb,
  operatorId: OperatorId,
): Promise<Operator | undefined> => {
  const row = await tx
    .selectFrom('operator')
    .select(columns)
    .where('operator_id', '=', operatorId)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toOperator(row)
}

/** Operators of a client after an id, by id. */
export const listOperators = async (
  db: AccessDb,
  page: { readonly clientId: ClientId; readonly after: string; readonly limit: number },
): Promise<readonly Operator[]> => {
  const rows = await db
    .selectFrom('operator')
    .select(columns)
    .where('client_id', '=', page.clientId)
    .where('operator_id', '>', page.after)
    .orderBy('operator_id')
    .limit(page.limit)
    .execute()
  return rows.map(toOperator)
}

/** Adds an operator, the name encrypted. @returns false when the id is taken. */
export const insertOperator = async (
  tx: AccessDb,
  keys: Pick<DataKeys, 'seal'>,
  operator: Operator & { readonly name: string; readonly createdAt: Date },
): Promise<boolean> => {
  const sealed = keys.seal(Buffer.from(operator.name), nameContext(operator.operatorId))
  const added = await tx
    .insertInto('operator')
    .values({
      operator_id: operator.operatorId,
      organisation_id: operator.organisationId,
      client_id: operator.clientId ?? null,
      name_blob: sealed.blob,
      key_id: sealed.keyId,
      service_window: operator.serviceWindow ?? null,
      suspended_at: operator.suspended ? operator.createdAt : null,
      created_at: operator.createdAt,
    })
    .onConflict((conflict) => conflict.column('operator_id').doNothing())
    .returning('operator_id')
    .executeTakeFirst()
  return added !== undefined
}

/** Suspends an operator or lets one work again. @returns false when there is none of that id. */
export const setOperatorSuspended = async (
  tx: AccessDb,
  operatorId: OperatorId,
  suspendedAt: Date | null,
): Promise<boolean> => {
  const changed = await tx
    .updateTable('operator')
    .set({ suspended_at: suspendedAt })
    .where('operator_id', '=', operatorId)
    .returning('operator_id')
    .executeTakeFirst()
  return changed !== undefined
}

type Row = Pick<Selectable<Database['operator']>, (typeof columns)[number]>

const toOperator = (row: Row): Operator => ({
  operatorId: asId(row.operator_id),
  organisationId: asId(row.organisation_id),
  clientId: row.client_id === null ? undefined : asId(row.client_id),
  serviceWindow: row.service_window ?? undefined,
  suspended: row.suspended_at !== null,
})

const nameContext = (operatorId: string): Buffer => Buffer.from(`operator|${operatorId}`)

export const operatorNames: SealedColumn = {
  table: 'operator',
  key: [{ name: 'operator_id', type: 'text' }],
  blob: 'name_blob',
  keyId: 'key_id',
  context: (row) => nameContext(String(row['operator_id'])),
}
