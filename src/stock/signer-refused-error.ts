/** A department's signer will not sign this order; asking again changes nothing. */
export class SignerRefusedError extends Error {
  override readonly name = 'SignerRefusedError'
  /** The signer's own code, e.g. `root_mismatch`. */
  readonly code: string

  constructor(code: string) {
    super(`the signer refused: ${code}`)
    this.code = code
  }
}
