/** What can be wrong with bytes from outside. Codes are never renamed. */
export type CryptoErrorCode =
  | 'bad_base64url'
  | 'malformed_json'
  | 'not_json'
  | 'key_unsupported'
  | 'key_malformed'
  | 'user_id_too_long'
  | 'signature_malformed'
  | 'key_mismatch'
  | 'algorithm_unsupported'
  | 'ciphertext_malformed'
  | 'ciphertext_not_authentic'
  | 'cms_malformed'
  | 'blob_malformed'
  | 'blob_not_authentic'
  | 'check_character_input'
  | 'merkle_range'
  | 'note_malformed'
  | 'note_key_malformed'
  | 'note_unverified'
  | 'checkpoint_malformed'
  | 'proof_malformed'
  | 'tile_malformed'
  | 'jws_malformed'
  | 'jws_header'
  | 'jws_critical'
  | 'jws_algorithm'
  | 'jws_key'
  | 'signature_invalid'
  | 'sd_jwt_malformed'
  | 'sd_jwt_digest_algorithm'
  | 'sd_jwt_disclosure'
  | 'sd_jwt_digest_repeated'
  | 'sd_jwt_disclosure_unreferenced'
  | 'sd_jwt_reserved_name'
  | 'sd_jwt_name_clash'
  | 'sd_jwt_claim_disclosable'
  | 'token_claim'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'key_binding_missing'
  | 'key_binding_invalid'

export type CryptoErrorOptions = {
  readonly cause?: unknown
  /** UTF-16 offset in the text that was read. */
  readonly position?: number
}

/**
 * The only error that this room throws for bad input. Messages name rules and positions, never the
 * content that was read.
 */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  readonly code: CryptoErrorCode
  readonly position: number | undefined

  constructor(code: CryptoErrorCode, message: string, options: CryptoErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.position = options.position
  }
}
