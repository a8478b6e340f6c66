import type { Companion, Json } from '../contract/endpoint.ts'
import type { CaseId, ClientId, FetchId } from '../contract/ids.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { inTransaction } from '../store/in-transaction.ts'
import type { CaseDb } from './case-store.ts'

export type FetchRecord = {
  readonly fetchId: FetchId
  readonly caseId: CaseId
  readonly clientId: ClientId
  readonly data: Json
  readonly now: Date
}

/** The fetch's result as a row that is stored in the commit that files its event. */
export const fetchRow = (keys: DataKeys, record: FetchRecord): Companion => {
  const sealed = keys.seal(Buffer.from(canonicalJson(record.data)), aad(record.fetchId))
  return {
    table: 'case_fetch',
    row: {
      fetch_id: record.fetchId,
      case_id: record.caseId,
      client_id: record.clientId,
      result_blob: sealed.blob,
      key_id: sealed.keyId,
      created_at: record.now,
    },
  }
}

export type FetchedMaterial = {
  readonly code: string
  readonly licenceId: string
  readonly fetchId: string
}

/** Notes what a case has fetched, in the same commit; the first fetch of a paper stays. */
export const fetchedMaterialRows = (
  { fetchId, caseId, now }: Pick<FetchRecord, 'fetchId' | 'caseId' | 'now'>,
  fetched: readonly Omit<FetchedMaterial, 'fetchId'>[],
): readonly Companion[] =>
  fetched.map(({ code, licenceId }) => ({
    table: 'case_material',
    row: {
      case_id: caseId,
      material_code: code,
      licence_id: licenceId,
      fetch_id: fetchId,
      created_at: now,
    },
    conflict: 'ignore',
  }))

/** What a case has fetched so far. */
export const listFetchedMaterials = async (
  db: CaseDb,
  caseId: CaseId,
): Promise<readonly FetchedMaterial[]> => {
  const rows = await db
    .selectFrom('case_material')
    .select(['material_code', 'licence_id', 'fetch_id'])
    .where('case_id', '=', caseId)
    .orderBy('material_code')
    .orderBy('created_at')
    .orderBy('licence_id')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({
    code: row.material_code,
    licenceId: row.licence_id,
    fetchId: row.fetch_id,
  }))
}

/** What a fetch of this case and client answered, or undefined. */
export const findFetch = async (
  db: CaseDb,
  keys: DataKeys,
  { fetchId, caseId, clientId }: Omit<FetchRecord, 'data' | 'now'>,
): Promise<Json | undefined> => {
  const row = await db
    .selectFrom('case_fetch')
    .select(['result_blob', 'key_id'])
    .where('fetch_id', '=', fetchId)
    .where('case_id', '=', caseId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const opened = keys.open(row.result_blob, row.key_id, aad(fetchId))
  return parseJson(Buffer.from(opened).toString('utf8'))
}

export type FetchChange = Omit<FetchRecord, 'data' | 'now'> & {
  readonly before: Json
  readonly after: Json
}

/**
 * Puts a completed result in the place of the one that was read before.
 * @returns false when somebody else has changed it meanwhile: read it again
 */
export const replaceFetch = (
  store: { readonly db: CaseDb },
  keys: DataKeys,
  { fetchId, caseId, clientId, before, after }: FetchChange,
): Promise<boolean> =>
  inTransaction(store, async (tx) => {
    const row = await tx
      .selectFrom('case_fetch')
      .select(['result_blob', 'key_id'])
      .where('fetch_id', '=', fetchId)
      .where('case_id', '=', caseId)
      .where('client_id', '=', clientId)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) return false
    const current = Buffer.from(keys.open(row.result_blob, row.key_id, aad(fetchId)))
    if (current.toString('utf8') !== canonicalJson(before)) return false
    const sealed = keys.seal(Buffer.from(canonicalJson(after)), aad(fetchId))
    await tx
      .updateTable('case_fetch')
      .set({ result_blob: sealed.blob, key_id: sealed.keyId })
      .where('fetch_id', '=', fetchId)
      .execute()
    return true
  })

const aad = (fetchId: string): Buffer => Buffer.from(`case_fetch|${fetchId}`)

export const fetchResults: SealedColumn = {
  table: 'case_fetch',
  key: [{ name: 'fetch_id', type: 'uuid' }],
  blob: 'result_blob',
  keyId: 'key_id',
  context: (row) => aad(String(row['fetch_id'])),
}
