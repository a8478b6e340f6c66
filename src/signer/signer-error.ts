/** Why a signer refuses. Codes never change. */
export type SignerErrorCode =
  | 'order_malformed'
  | 'order_not_a_release'
  | 'order_digest'
  | 'order_signature'
  | 'order_too_old'
  | 'steward_unknown'
  | 'steward_certificate'
  | 'own_certificate'
  | 'row_malformed'
  | 'row_order'
  | 'row_issuer'
  | 'row_header'
  | 'row_disclosures'
  | 'row_type'
  | 'order_used_up'
  | 'rows_mismatch'
  | 'root_mismatch'

/** The signer will not sign. Messages name rules, never content. */
export class SignerError extends Error {
  override readonly name = 'SignerError'
  readonly code: SignerErrorCode

  constructor(code: SignerErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
