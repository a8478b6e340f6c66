import type { Kysely } from 'kysely'
import { z } from 'zod'
import { type CaseId, type ClientId, asId } from '../contract/ids.ts'
import {
  bytesIn,
  numberIn,
  type QueryRow,
  textIn,
  textOrNullIn,
  timeIn,
} from '../licences/read-column.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { runNamed } from '../store/run-named.ts'
import type { Database } from '../store/schema.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import {
  type Assurance,
  type CaseFile,
  type CasePeople,
  type Subject,
  subjectSchema,
} from './case-file.ts'

export type CaseDb = Kysely<Database>

export type NewCase = Omit<CaseFile, 'state' | 'outcome' | 'closedAt'> & {
  readonly said: SaltedDigest
}

/**
 * The profile's digest of (salt ‖ what was sent). The salt stands encrypted, since what was sent holds a
 * name and a number, which a plain hash would let people guess; no data key goes into it, so it outlives
 * their change.
 */
export type SaltedDigest = { readonly digest: Uint8Array; readonly salt: Uint8Array }

/** Who asks for which case; see FindCase. */
export type CaseLook = { readonly caseId: CaseId; readonly clientId: ClientId | undefined }

/** One case a look, in order; undefined for one that is not there or another's. */
export const findCases = async (
  db: CaseDb,
  keys: DataKeys,
  looks: readonly CaseLook[],
): Promise<readonly (CaseFile | undefined)[]> => {
  const rows = await runNamed(db, 'case-find', findSql, [
    looks.map((_, place) => place),
    looks.map(({ caseId }) => caseId),
    looks.map(({ clientId }) => clientId ?? null),
  ])
  const found = looks.map((): CaseFile | undefined => undefined)
  for (const row of rows) found[numberIn(row, 'place')] = toCaseFile(row, keys)
  return found
}

// The planner must not count the looks: it would make a new plan for every number of them.
const findSql = `
  select q.place, f.*
  from unnest((select $1::integer[]), (select $2::uuid[]), (select $3::text[]))
    as q (place, case_id, client_id)
  join case_file f on f.case_id = q.case_id
    and (q.client_id is null or q.client_id in (f.client_id, f.registrar_id))`

/** The case that a registrar already filed under its own number, with the digest of what it sent. */
export const findCaseByNumber = async (
  db: CaseDb,
  keys: DataKeys,
  number: { registrarId: ClientId; caseNo: string; itemCode: string },
): Promise<{ file: CaseFile; said: SaltedDigest } | undefined> => {
  const row = await db
    .selectFrom('case_file')
    .selectAll()
    .where('registrar_id', '=', number.registrarId)
    .where('case_no', '=', number.caseNo)
    .where('item_code', '=', number.itemCode)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { saltOfBody: salt } = openCase(keys, row.case_id, row)
  return { file: toCaseFile(row, keys), said: { digest: row.body_digest, salt } }
}

/** Adds a case. @returns false when the registrar has one of that number and item already. */
export const insertCase = async (db: CaseDb, keys: DataKeys, file: NewCase): Promise<boolean> => {
  const { digest, salt } = file.said
  const inside = { ...file.people, saltOfBody: Buffer.from(salt).toString('base64url') }
  const sealed = keys.seal(Buffer.from(JSON.stringify(inside)), aad(file.caseId))
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
      body_digest: Buffer.from(digest),
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
const saltSchema = z.object({ saltOfBody: z.base64url() })

const toCaseFile = (row: QueryRow, keys: DataKeys): CaseFile => {
  const caseId = textIn(row, 'case_id')
  const { people } = openCase(keys, caseId, row)
  return {
    caseId: asId(caseId),
    caseNo: textIn(row, 'case_no'),
    registrarId: asId(textIn(row, 'registrar_id')),
    clientId: asId(textIn(row, 'client_id')),
    itemCode: textIn(row, 'item_code'),
    itemVersion: numberIn(row, 'item_version'),
    channel: textIn(row, 'channel'),
    division: textOrNullIn(row, 'division'),
    assurance: assuranceOf(textIn(row, 'assurance')),
    state: textIn(row, 'state') === 'open' ? 'open' : 'closed',
    outcome: textOrNullIn(row, 'outcome'),
    createdAt: timeIn(row, 'created_at'),
    expiresAt: timeIn(row, 'expires_at'),
    closedAt: timeOrNullIn(row, 'closed_at'),
    subjectIndex: subjectIndexOf(keys, row, people.subject),
    people,
  }
}

/** Of the current key, since events name the applicant by it from now on. */
const subjectIndexOf = (keys: DataKeys, row: QueryRow, subject: Subject): Uint8Array =>
  textIn(row, 'key_id') === keys.current.keyId
    ? bytesIn(row, 'subject_index')
    : keys.index('subject', subjectText(subject)).index

const openCase = (keys: DataKeys, caseId: string, row: QueryRow): Opened =>
  parseOpened(keys.open(bytesIn(row, 'blob'), textIn(row, 'key_id'), aad(caseId)))

type Opened = { readonly people: CasePeople; readonly saltOfBody: Buffer }

const parseOpened = (bytes: Buffer): Opened => {
  const json: unknown = JSON.parse(bytes.toString('utf8'))
  const { saltOfBody } = saltSchema.parse(json)
  return { people: peopleSchema.parse(json), saltOfBody: Buffer.from(saltOfBody, 'base64url') }
}

const timeOrNullIn = (row: QueryRow, column: string): Date | null =>
  row[column] === null ? null : timeIn(row, column)

const assuranceOf = (text: string): Assurance =>
  text === 'registered' || text === 'present' ? text : 'asserted'

const aad = (caseId: string): Buffer => Buffer.from(`case_file|${caseId}`)

/** What is hashed of a case's applicant. */
export const subjectText = ({ idType, id }: Pick<Subject, 'idType' | 'id'>): string =>
  `${idType}:${id}`

export const casePeople: SealedColumn = {
  table: 'case_file',
  key: [{ name: 'case_id', type: 'uuid' }],
  blob: 'blob',
  keyId: 'key_id',
  context: (row) => aad(String(row['case_id'])),
  index: {
    column: 'subject_index',
    of: (plaintext, keys) =>
      keys.index('subject', subjectText(parseOpened(plaintext).people.subject)).index,
  },
}
