import type { Kysely } from 'kysely'
import { z } from 'zod'
import { asId } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import { runNamed } from '../store/run-named.ts'
import type { Database } from '../store/schema.ts'
import type { SealedColumn } from '../store/sealed-column.ts'
import type { IdempotentRequest, KeyState, Reservation, StoredResult } from './idempotency.ts'

type Db = Kysely<Database>

/** Takes a key that nobody has used. @returns false when it is known. */
export const insertReservation = async (
  db: Db,
  request: IdempotentRequest,
  times: { readonly leaseUntil: Date; readonly createdAt: Date },
): Promise<boolean> => {
  const added = await db
    .insertInto('idempotency')
    .values({
      client_id: request.clientId,
      key: request.key,
      method_path: request.methodPath,
      body_digest: request.bodyDigest,
      lease_until: times.leaseUntil,
      created_at: times.createdAt,
    })
    .onConflict((conflict) => conflict.columns(['client_id', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst()
  return added !== undefined
}

/**
 * What stands under each client's key, its result decrypted, in order. On the way of every fetch, so
 * prepared once and asked for many at a time.
 */
export const findKeyStates = async (
  db: Db,
  keys: Pick<DataKeys, 'open'>,
  requests: readonly IdempotentRequest[],
): Promise<readonly (KeyState | undefined)[]> => {
  const rows = await runNamed(db, 'idempotency-key-states', keyStatesSql, [
    requests.map((_, place) => place),
    requests.map(({ clientId }) => clientId),
    requests.map(({ key }) => key),
  ])
  const found = requests.map((): KeyState | undefined => undefined)
  for (const row of rows) {
    const { place, ...state } = keyRow.parse(row)
    const request = requests[place]
    if (request !== undefined) found[place] = keyStateOf(state, request, keys)
  }
  return found
}

// The planner must not count the keys: it would make a new plan for every number of them.
const keyStatesSql = `
  select q.place, i.method_path, i.body_digest, i.lease_until, i.created_at, i.status, i.receipt_no,
    i.result_blob, i.key_id
  from unnest((select $1::integer[]), (select $2::text[]), (select $3::text[]))
    as q (place, client_id, key)
  join idempotency i on i.client_id = q.client_id and i.key = q.key`

const keyStateOf = (
  row: Omit<KeyRow, 'place'>,
  request: IdempotentRequest,
  keys: Pick<DataKeys, 'open'>,
): KeyState => ({
  methodPath: row.method_path,
  bodyDigest: row.body_digest,
  leaseUntil: row.lease_until,
  createdAt: row.created_at,
  result: resultOf(row, request, keys),
})

/**
 * Takes over a key whose run died or whose result is too old, unless another request was quicker.
 * The lease that was found is the condition: two can find it, one can change it.
 */
export const takeOverReservation = async (
  db: Db,
  request: IdempotentRequest,
  found: Pick<KeyState, 'leaseUntil'> & { readonly hadResult: boolean },
  times: { readonly leaseUntil: Date; readonly createdAt: Date },
): Promise<boolean> => {
  const taken = await db
    .updateTable('idempotency')
    .set({
      method_path: request.methodPath,
      body_digest: request.bodyDigest,
      lease_until: times.leaseUntil,
      created_at: times.createdAt,
      ...{ status: null, receipt_no: null, result_blob: null, key_id: null },
    })
    .where('client_id', '=', request.clientId)
    .where('key', '=', request.key)
    .where('lease_until', '=', found.leaseUntil)
    // The first run may have committed since it was looked at: its result is not wiped out.
    .where('status', found.hadResult ? 'is not' : 'is', null)
    .returning('key')
    .executeTakeFirst()
  return taken !== undefined
}

/**
 * Stores the result of a write in the write's own transaction.
 * @returns false when the lease was lost to another run, so that this one must not commit
 */
export const saveResult = async (
  tx: Tx,
  keys: Pick<DataKeys, 'seal'>,
  reservation: Reservation,
  result: StoredResult,
): Promise<boolean> => {
  const saved = await tx
    .updateTable('idempotency')
    .set(resultColumns(keys, reservation, result))
    .where('client_id', '=', reservation.clientId)
    .where('key', '=', reservation.key)
    .where('lease_until', '=', reservation.leaseUntil)
    .where('status', 'is', null)
    .returning('key')
    .executeTakeFirst()
  return saved !== undefined
}

/** The whole row of a read's result, which commits together with its event. */
export const resultRow = (
  keys: Pick<DataKeys, 'seal'>,
  reservation: Reservation,
  result: StoredResult,
  createdAt: Date,
): Readonly<Record<string, unknown>> => ({
  client_id: reservation.clientId,
  key: reservation.key,
  method_path: reservation.methodPath,
  body_digest: Buffer.from(reservation.bodyDigest),
  lease_until: createdAt,
  created_at: createdAt,
  ...resultColumns(keys, reservation, result),
})

/** Gives a key back after a refusal, so that the same request may be tried again. */
export const deleteReservation = async (db: Db, reservation: Reservation): Promise<void> => {
  await db
    .deleteFrom('idempotency')
    .where('client_id', '=', reservation.clientId)
    .where('key', '=', reservation.key)
    .where('lease_until', '=', reservation.leaseUntil)
    .where('status', 'is', null)
    .execute()
}

/** Removes what was created before an instant. @returns how many rows */
export const purgeIdempotency = async (db: Db, before: Date): Promise<number> => {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency')
    .where('created_at', '<', before)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

const resultColumns = (
  keys: Pick<DataKeys, 'seal'>,
  request: IdempotentRequest,
  result: StoredResult,
) => {
  const sealed = keys.seal(Buffer.from(result.dataText), context(request))
  return {
    status: result.status,
    receipt_no: result.receiptNo,
    result_blob: sealed.blob,
    key_id: sealed.keyId,
  }
}

const keyRow = z.object({
  place: z.int(),
  method_path: z.string(),
  body_digest: z.instanceof(Buffer),
  lease_until: z.date(),
  created_at: z.date(),
  status: z.union([z.literal(200), z.literal(201), z.literal(202)]).nullable(),
  receipt_no: z.string().nullable(),
  result_blob: z.instanceof(Buffer).nullable(),
  key_id: z.string().nullable(),
})

type KeyRow = z.output<typeof keyRow>

const resultOf = (
  row: Omit<KeyRow, 'place'>,
  request: IdempotentRequest,
  keys: Pick<DataKeys, 'open'>,
): StoredResult | undefined => {
  const { status, receipt_no: receiptNo, result_blob: blob, key_id: keyId } = row
  if (status === null || receiptNo === null || blob === null || keyId === null) return undefined
  return { receiptNo, status, dataText: keys.open(blob, keyId, context(request)).toString() }
}

/** Length-prefixed, so that no other client and key give the same bytes. */
const context = ({ clientId, key }: Pick<IdempotentRequest, 'clientId' | 'key'>): Buffer =>
  Buffer.from(`idempotency|${String(clientId.length)}|${clientId}|${key}`)

export const idempotentResults: SealedColumn = {
  table: 'idempotency',
  key: [
    { name: 'client_id', type: 'text' },
    { name: 'key', type: 'text' },
  ],
  blob: 'result_blob',
  keyId: 'key_id',
  context: (row) => context({ clientId: asId(String(row['client_id'])), key: String(row['key']) }),
}
