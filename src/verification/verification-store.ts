import type { Kysely } from 'kysely'
import type { Companion } from '../contract/endpoint.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import type { JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Database } from '../store/schema.ts'
import type { SealedColumn } from '../store/sealed-column.ts'

export type VerificationDb = Kysely<Database>

export type KeptReport = { readonly clientId: string; readonly report: JsonValue }

/** A report as a row that is stored, sealed, in the commit that files its event. */
export const reportRow = (
  keys: Pick<DataKeys, 'seal'>,
  verificationId: string,
  { clientId, report, now }: KeptReport & { readonly now: Date },
): Companion => {
  const { blob, keyId } = keys.seal(Buffer.from(canonicalJson(report)), aad(verificationId))
  return {
    table: 'verification',
    row: {
      verification_id: verificationId,
      client_id: clientId,
      report_blob: blob,
      key_id: keyId,
      created_at: now,
    },
  }
}

export const findReport = async (
  db: VerificationDb,
  keys: Pick<DataKeys, 'open'>,
  verificationId: string,
): Promise<KeptReport | undefined> => {
  const row = await db
    .selectFrom('verification')
    .select(['client_id', 'report_blob', 'key_id'])
    .where('verification_id', '=', verificationId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const opened = keys.open(row.report_blob, row.key_id, aad(verificationId))
  return { clientId: row.client_id, report: parseJson(Buffer.from(opened).toString('utf8')) }
}

const aad = (verificationId: string): Buffer => Buffer.from(`verification|${verificationId}`)

export const keptReports: SealedColumn = {
  table: 'verification',
  key: [{ name: 'verification_id', type: 'uuid' }],
  blob: 'report_blob',
  keyId: 'key_id',
  context: (row) => aad(String(row['verification_id'])),
}
