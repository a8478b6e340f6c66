import { runNamed } from '../store/run-named.ts'
import type { CredentialClaims } from './credential.ts'
import { type StoredStatus, storedStatuses } from './licence.ts'
import { bytesIn, memberIn, numberIn, type QueryRow, textIn, textOrNullIn } from './read-column.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

/** A licence of a batch, with or without its signature. */
export type BatchLicence = {
  readonly claims: CredentialClaims
  readonly chunk: number
  readonly line: number
  readonly certificateId: string
  readonly status: StoredStatus
  readonly blob: Uint8Array
  readonly keyId: string
}

/** Where a batch's licences lie: ids ascend in (chunk, line) order from `first` to `last`. */
export type LicenceRange = {
  readonly batchId: string
  readonly first: string
  readonly last: string
}

/** The next licences of a batch after an id (exclusive; null = from the start), in (chunk, line) order. */
export const readBatchLicences = async (
  db: LicenceDb,
  { batchId, first, last }: LicenceRange,
  after: string | null,
  limit: number,
): Promise<readonly BatchLicence[]> => {
  const sql = after === null ? firstPageSql : nextPageSql
  const rows = await runNamed(db, after === null ? 'batch_first' : 'batch_next', sql, [
    batchId,
    after ?? first,
    last,
    limit,
  ])
  return rows.map(toBatchLicence)
}

const pageSql = (comparison: '>=' | '>') => `
  select licence_id, chunk, line, type_code, catalogue_version, version, issuer_code, certificate_id, iat,
    issued_at, valid_from, valid_to, trust_level, status, blob, key_id
  from licence
  where batch_id = $1 and licence_id ${comparison} $2 and licence_id <= $3
  order by licence_id
  limit $4`
const firstPageSql = pageSql('>=')
const nextPageSql = pageSql('>')

const toBatchLicence = (row: QueryRow): BatchLicence => ({
  claims: claimsIn(row),
  chunk: numberIn(row, 'chunk'),
  line: numberIn(row, 'line'),
  certificateId: textIn(row, 'certificate_id'),
  status: memberIn(row, 'status', storedStatuses),
  blob: bytesIn(row, 'blob'),
  keyId: textIn(row, 'key_id'),
})

/** The visible claims of a credential from the columns of its licence. */
export const claimsIn = (row: QueryRow): CredentialClaims => ({
  licenceId: textIn(row, 'licence_id'),
  typeCode: textIn(row, 'type_code'),
  catalogueVersion: numberIn(row, 'catalogue_version'),
  version: textIn(row, 'version'),
  issuerCode: textIn(row, 'issuer_code'),
  iat: numberIn(row, 'iat'),
  issuedAt: textIn(row, 'issued_at'),
  validFrom: textIn(row, 'valid_from'),
  validTo: textOrNullIn(row, 'valid_to'),
  trustLevel: textIn(row, 'trust_level'),
})
