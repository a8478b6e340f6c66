import type { BatchId, CertificateId, Uscc } from '../contract/ids.ts'
import type { SignedRequest } from '../contract/endpoint.ts'

/** open → validating → validated → releasing → released → rolled_back; failed → open. */
export const batchStates = [
  'open',
  'validating',
  'validated',
  'releasing',
  'released',
  'rolled_back',
  'failed',
] as const
export type BatchState = (typeof batchStates)[number]

/** Why a batch failed. Codes never change. */
export const batchFailures = [
  'no_valid_rows',
  'certificate_missing',
  'certificate_short',
  'root_changed',
  'signer_refused',
  'signature_wrong',
] as const
export type BatchFailure = (typeof batchFailures)[number]

/** What became of the rows that were validated so far. `valid` includes the warned ones. */
export type RowCounts = {
  readonly valid: number
  readonly warned: number
  readonly duplicate: number
  readonly quarantined: number
  /** Valid rows that end a licence which counts today. */
  readonly ending: number
}

export type Batch = {
  readonly batchId: BatchId
  readonly issuerCode: Uscc
  readonly format: string
  readonly typeCodes: readonly string[] | null
  readonly expectedRows: number
  readonly expectedChunks: number
  readonly state: BatchState
  readonly certificateId: CertificateId | null
  /** RFC 6962 root over the signing inputs, in (chunk, line) order. */
  readonly root: Uint8Array | null
  readonly counts: RowCounts | null
  readonly failure: string | null
  readonly progress: BatchProgress | null
  readonly range: { readonly first: string; readonly last: string } | null
  readonly releaseOrder: StoredOrder | null
  readonly createdAt: Date
  readonly validatedAt: Date | null
  readonly releasedAt: Date | null
  readonly rolledBackAt: Date | null
  /** When a first person asked for the rollback; a second one carries it out. */
  readonly rollbackAskedAt: Date | null
}

/**
 * Where the background work of a batch stands. `page` numbers the commits: a commit names the page it
 * follows, so that two workers can never both append.
 */
export type BatchProgress = {
  readonly page: number
  /** Validation: the last block that was read. */
  readonly block: { readonly chunk: number; readonly firstLine: number } | null
  /** Release: the last licence that was signed. Validation: the last that was made. */
  readonly lastLicenceId: string | null
  /** Re-signing: the last licence whose new credential was made. */
  readonly lastSourceId?: string | null | undefined
  readonly frontier: { readonly size: number; readonly hashes: readonly string[] }
  readonly counts: RowCounts
}

/** The steward's signed release request, as it is kept and shown to the department's signer. */
export type StoredOrder = {
  readonly signatureBase: string
  /** base64url, 64 bytes. */
  readonly signature: string
  /** base64url of the request's body. */
  readonly body: string
  /** base64url of the steward's certificate (DER). */
  readonly certificate: string
}

export const emptyCounts: RowCounts = {
  valid: 0,
  warned: 0,
  duplicate: 0,
  quarantined: 0,
  ending: 0,
}

export const startOfWork: BatchProgress = {
  page: 0,
  block: null,
  lastLicenceId: null,
  frontier: { size: 0, hashes: [] },
  counts: emptyCounts,
}

/** A signed request in the form in which orders are stored and sent. */
export const orderOf = (signed: SignedRequest): StoredOrder => ({
  signatureBase: signed.signatureBase,
  signature: Buffer.from(signed.signature).toString('base64url'),
  body: Buffer.from(signed.bodyBytes).toString('base64url'),
  certificate: Buffer.from(signed.certificateDer).toString('base64url'),
})
