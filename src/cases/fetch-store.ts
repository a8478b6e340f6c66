import type { Companion, Json } from '../contract/endpoint.ts'
import type { CaseId, ClientId, FetchId } from '../contract/ids.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { DataKeys } from '../store/data-keys.ts'
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

const aad = (fetchId: FetchId): Buffer => Buffer.from(`case_fetch|${fetchId}`)
