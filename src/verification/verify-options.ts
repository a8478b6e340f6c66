import type { VerificationPolicy } from './verification-policy.ts'
import type { VerificationTrust } from './verification-trust.ts'

export type VerifyOptions = {
  readonly trust: VerificationTrust
  /** The time of judgement. */
  readonly at: Date
  readonly policy: VerificationPolicy
}
