import type { CertificateSource } from './certificate-source.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { AlgorithmPolicy } from './path-policy.ts'
import type { RevocationSource } from './revocation-source.ts'
import type { SignatureDesk } from './signature-desk.ts'

export type TimeWindow = { readonly from: Date; readonly until: Date }

export type CertificateStatus =
  | { readonly kind: 'good'; readonly windows: readonly TimeWindow[] }
  | { readonly kind: 'revoked' | 'onHold'; readonly since: Date }
  | { readonly kind: 'unknown'; readonly reason: string }

export type StatusInputs = {
  readonly at: Date
  readonly desk: SignatureDesk
  readonly algorithms: AlgorithmPolicy
  /** Refuse CRLs without authority key identifier (RFC 5280 §5.2.1); OpenSSL writes none. */
  readonly needsKeyIdentifiers: boolean
  readonly certificates: readonly CertificateSource[]
  readonly revocation: readonly RevocationSource[]
  /**
   * Until when a CRL signer that is not on the path has a good path of its own to the same anchor;
   * undefined when it has none.
   */
  readonly ownPathUntil: (signer: ParsedCertificate, anchor: ParsedCertificate) => Date | undefined
}

export const certificateHold = 6

export const earlier = (a: Date, b: Date): Date => (a < b ? a : b)

/**
 * What a listed revocation means at `at`. Data that is not current (past its end, or from a later day)
 * still proves a revocation that had happened by then; a hold may have ended since.
 */
export const revokedStatus = (
  revocation: { readonly at: Date; readonly reason: number | undefined },
  isCurrent: boolean,
  at: Date,
): CertificateStatus | undefined => {
  const isHold = revocation.reason === certificateHold
  if (isCurrent) return { kind: isHold ? 'onHold' : 'revoked', since: revocation.at }
  return !isHold && revocation.at <= at ? { kind: 'revoked', since: revocation.at } : undefined
}
