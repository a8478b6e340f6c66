import type { VerificationPolicy } from './verification-policy.ts'
import type { VerificationTrust } from './verification-trust.ts'

export type VerifyOptions = {
  readonly trust: VerificationTrust
  /** The time of judgement. */
  readonly at: Date
  readonly policy: VerificationPolicy
  /** What a timestamp token or a detached signature is over, where it is at hand. */
  readonly detached?: Uint8Array | undefined
}
