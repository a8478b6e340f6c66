import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { SigningAlgorithm } from '../crypto/signer.ts'
import type { VerifyRequest } from '../trust/signing-request.ts'
import type { AccessDb } from './client-store.ts'

/** Issues the certificates of clients; in development the CA that `zhengqiao init` made. */
export type ClientAuthority = {
  readonly issue: (order: {
    readonly clientId: string
    readonly organisationNameZh: string
    /** DER SubjectPublicKeyInfo out of a request whose proof of possession was good. */
    readonly spki: Uint8Array
    readonly validForDays: number
  }) => Promise<{
    /** DER, the client's own first, without the anchor. */
    readonly chain: readonly Uint8Array[]
  }>
}

export type KeyRules = {
  readonly algorithms: readonly SigningAlgorithm[]
  readonly verifies: VerifyRequest
}

export type OnboardingDeps = {
  readonly db: AccessDb
  readonly keys: Pick<DataKeys, 'seal'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Which keys may be certified, and how their requests are checked. */
  readonly keyRules: KeyRules
  /** Undefined where certificates come from a CA outside: then none are issued here. */
  readonly authority: ClientAuthority | undefined
}
