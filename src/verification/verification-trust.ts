import { CryptoError } from '../crypto/crypto-error.ts'
import { parseVerifierKey, type NoteVerifierKey } from '../crypto/note-key.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import type { TrustFolder } from '../trust/load-trust.ts'
import { openTrust, type TrustMaterial } from '../trust/validate-path.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../trust/verify-signed.ts'

/** Whom a verification believes, parsed once for many. */
export type VerificationTrust = {
  readonly material: TrustMaterial
  /** Keys of logs and of witnesses. */
  readonly noteKeys: readonly NoteVerifierKey[]
  /** For certificates, CRLs and OCSP answers. */
  readonly certificateVerifier: SignatureVerifier
  /** For credentials and checkpoints: key cache, further algorithms. */
  readonly signatures: VerifyContext
}

/** Note key lines that are none are left out, as other unknown content of a trust folder is. */
export const openVerificationTrust = (
  folder: TrustFolder,
  algorithms: {
    readonly certificateVerifier?: SignatureVerifier
    readonly signatures?: VerifyContext
  } = {},
): VerificationTrust => ({
  material: openTrust(folder),
  noteKeys: folder.noteKeys.flatMap(readKey),
  certificateVerifier: algorithms.certificateVerifier ?? createSignatureVerifier(),
  signatures: algorithms.signatures ?? {},
})

const readKey = (line: string): readonly NoteVerifierKey[] => {
  try {
    return [parseVerifierKey(line)]
  } catch (error) {
    if (error instanceof CryptoError) return []
    throw error
  }
}
