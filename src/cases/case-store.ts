import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import { type CaseId, type ClientId, asId } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Database } from '../store/schema.ts'
import { type Assurance, type CaseFile, type CasePeople, subjectSchema } from './case-file.ts'

export type CaseDb = Kysely<Database>

export type NewCase = Omit<CaseFile, 'state' | 'outcome' | 'closedAt'> & {
  readonly bodyDigest: Uint8Array
}

/** The case of that number, or undefined. */
export const findCase = async (
  db: CaseDb,
  keys: DataKeys,
  caseId: CaseId,
): Promise<CaseFile | undefined> => {
  const row = await db
    .selectFrom('case_file')
    .selectAll()
    .where('case_id', '=', caseId)
    .executeTakeFirst()
  return row === undefined ? undefined : toCaseFile(row, keys)
}

/** The case that a registrar already filed under its own number, with the digest of what it sent. */
export const findCaseByNumber = async (
  db: CaseDb,
  keys: DataKeys,
  number: { registrarId: ClientId; caseNo: string; itemCode: string },
): Promise<{ file: CaseFile; bodyDigest: Uint8Array } | undefined> => {
  const row = await db
    .selectFrom('case_file')
    .selectAll()
    .where('registrar_id', '=', number.registrarId)
    .where('case_no', '=', number.caseNo)
    .where('item_code', '=', number.itemCode)
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : { file: toCaseFile(row, keys), bodyDigest: row.body_digest }
}

/** Adds a case. @returns false when the registrar has one of that number and item already. */
export const insertCase = async (db: CaseDb, keys: DataKeys, file: NewCase): Promise<boolean> => {
  const sealed = keys.seal(Buffer.from(JSON.stringify(file.people)), aad(file.caseId))
  const added = await db
    .insertInto('case_file')
    .values({
      case_id: file.caseId,
      case_no: file.caseNo,
      registrar_id: file.registrarId,
      client_id: file.clientId,
      item_code: file.itemCode,
      item_version: file.itemVersion,
      channel: file.channel,
      division: file.division,
      assurance: file.assurance,
      subject_index: Buffer.from(file.subjectIndex),
      body_digest: Buffer.from(file.bodyDigest),
      blob: sealed.blob,
      key_id: sealed.keyId,
      state: 'open',
      created_at: file.createdAt,
      expires_at: file.expiresAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['registrar_id', 'case_no', 'item_code']).doNothing(),
    )
    .returning('case_id')
    .executeTakeFirst()
  return added !== undefined
}

/** Closes an open case. @returns false when it was closed already. */
export const closeOpenCase = async (
  db: CaseDb,
  caseId: CaseId,
  outcome: string,
  now: Date,
): Promise<boolean> => {
  const closed = await db
    .updateTable('case_file')
    .set({ state: 'closed', outcome, closed_at: now })
    .where('case_id', '=', caseId)
    .where('state', '=', 'open')
    .returning('case_id')
    .executeTakeFirst()
  return closed !== undefined
}

const peopleSchema: z.ZodType<CasePeople> = z.object({
  subject: subjectSchema,
  relatedSubjects: z.array(subjectSchema.extend({ role: z.string() })),
  facts: z.record(z.string(), z.union([z.string(), z.boolean()])),
  consents: z.array(z.object({ role: z.string(), evidenceNo: z.string() })),
  operatorId: z.string().transform((id) => asId<CasePeople['operatorId']>(id)),
  operatorName: z.string(),
})

const toCaseFile = (row: Selectable<Database['case_file']>, keys: DataKeys): CaseFile => ({
  caseId: asId(row.case_id),
  caseNo: row.case_no,
  registrarId: asId(row.registrar_id),
  clientId: asId(row.client_id),
  itemCode: row.item_code,
  itemVersion: row.item_version,
  channel: row.channel,
  division: row.division,
  assurance: assuranceOf(row.assurance),
  state: row.state === 'open' ? 'open' : 'closed',
  outcome: row.outcome,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  closedAt: row.closed_at,
  subjectIndex: row.subject_index,
  people: peopleSchema.parse(
    JSON.parse(Buffer.from(keys.open(row.blob, row.key_id, aad(row.case_id))).toString('utf8')),
  ),
})

const assuranceOf = (text: string): Assurance =>
  text === 'registered' || text === 'present' ? text : 'asserted'

const aad = (caseId: string): Buffer => Buffer.from(`case_file|${caseId}`)
