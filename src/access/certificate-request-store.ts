import type { Selectable } from 'kysely'
import { asId, type CertificateId, type ClientId } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'
import type { AccessDb } from './client-store.ts'

/** A request for a certificate, waiting for the second person or done. */
export type CertificateRequest = {
  readonly requestId: string
  readonly clientId: ClientId
  /** DER of the PKCS #10 request. */
  readonly csr: Uint8Array
  readonly validForDays: number
  readonly requestedBy: ClientId
  readonly certificateId: CertificateId | undefined
}

export const insertCertificateRequest = async (
  tx: AccessDb,
  request: CertificateRequest,
  createdAt: Date,
): Promise<void> => {
  await tx
    .insertInto('certificate_request')
    .values({
      request_id: request.requestId,
      client_id: request.clientId,
      csr: request.csr,
      valid_for_days: request.validForDays,
      requested_by: request.requestedBy,
      created_at: createdAt,
    })
    .execute()
}

/** The request, locked until the transaction ends. */
export const lockCertificateRequest = async (
  tx: AccessDb,
  requestId: string,
): Promise<CertificateRequest | undefined> => {
  const row = await tx
    .selectFrom('certificate_request')
    .selectAll()
    .where('request_id', '=', requestId)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toRequest(row)
}

/** Writes what became of a request that the transaction holds. */
export const saveIssue = async (
  tx: AccessDb,
  issue: {
    readonly requestId: string
    readonly certificateId: CertificateId
    readonly issuedBy: ClientId
    readonly issuedAt: Date
  },
): Promise<void> => {
  await tx
    .updateTable('certificate_request')
    .set({
      certificate_id: issue.certificateId,
      issued_by: issue.issuedBy,
      issued_at: issue.issuedAt,
    })
    .where('request_id', '=', issue.requestId)
    .execute()
}

const toRequest = (row: Selectable<Database['certificate_request']>): CertificateRequest => ({
  requestId: row.request_id,
  clientId: asId(row.client_id),
  csr: row.csr,
  validForDays: row.valid_for_days,
  requestedBy: asId(row.requested_by),
  certificateId: row.certificate_id === null ? undefined : asId(row.certificate_id),
})
