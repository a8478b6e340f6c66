import type { Clock } from '../contract/clock.ts'
import type { Deed } from '../contract/endpoint.ts'
import type { CertificateId } from '../contract/ids.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { Signer } from '../crypto/signer.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import type { People } from '../licences/synthetic-holder.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import type { StoredOrder } from './batch.ts'
import type { BlockLimits } from './cut-blocks.ts'
import type { FindDepartment } from './get-own-batch.ts'
import type { Jobs } from './jobs.ts'

/** One credential that a department's signer is asked to sign. */
export type RowToSign = {
  readonly chunk: number
  readonly line: number
  readonly signingInput: string
  readonly disclosures: readonly string[]
}

export type RowSignature = {
  readonly chunk: number
  readonly line: number
  readonly signature: Uint8Array
}

/** On whose word a department's signer signs: a release order, or a standing order for single issues. */
export type SigningOrder =
  | { readonly order: StoredOrder }
  | { readonly standingOrder: { readonly jws: string; readonly certificate: string } }

/** Asks a department's own signer; the signatures come in the order of the rows. */
export type RequestSignatures = (
  url: string,
  order: SigningOrder,
  rows: AsyncIterable<RowToSign>,
  signal: AbortSignal,
) => AsyncIterable<RowSignature>

export type JudgedSigningChain = Pick<SigningCertificate, 'alg' | 'chain' | 'notAfter'> & {
  /** Who holds the key, as far as the certificate says it. */
  readonly claimedCustody: SigningCertificate['keyCustody'] | undefined
}

/** What the stock room is built on; main wires it. */
export type StockDeps = {
  readonly store: Pick<Store, 'db' | 'pool'>
  readonly keys: DataKeys
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** URL under which issuers and credential types are named; it must never change. */
  readonly base: string
  readonly findDepartment: FindDepartment
  /** Credit codes of the departments for which people of an organisation may act. */
  readonly issuersOf: (organisationId: string) => Promise<readonly string[]>
  /**
   * Judges a chain (PEM) by the gateway's trust, today and for signing this department's licences.
   * Undefined when it does not hold.
   */
  readonly judgeSigningChain: (
    chainPem: string,
    issuerCode: string,
  ) => Promise<JudgedSigningChain | undefined>
  /** Whether a steward's certificate still counts: neither it, its client nor its person is stopped. */
  readonly isStewardGood: (certificateId: CertificateId) => Promise<boolean>
  /** Whose papers are kept; anybody's when it is not said. */
  readonly people?: People
  readonly jobs: Jobs
  /** Files the event of background work inside the transaction that it belongs to. */
  readonly fileEvent: (tx: Tx, deed: Deed) => Promise<void>
  /** The key of a certificate that is in the gateway's custody. */
  readonly custodySigner: (certificateId: string) => Signer | undefined
  readonly requestSignatures: RequestSignatures
  /** Algorithms beside ES256, for what signers answer and stewards order. */
  readonly signatures: VerifyContext
  readonly blockLimits?: BlockLimits
  /** Of chunks as they were sent; sha-256 unless the profile says sm3. */
  readonly digestName: DigestName
}
