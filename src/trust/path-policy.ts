import type { KeyUsageName } from './certificate-extensions.ts'
import { oid } from './oid.ts'
import type { FindingCode, FindingGroup } from './path-finding.ts'

/** A name that the leaf must carry in its subjectAltName. */
export type PeerName = { readonly kind: 'dns' | 'ip' | 'email' | 'uri'; readonly value: string }

export type AlgorithmPolicy = {
  readonly rsaBitsMin: number
  readonly rsaExponentMin: bigint
  readonly hashes: readonly string[]
  /** OIDs of named curves. */
  readonly curves: readonly string[]
  /** OIDs of the signature algorithms that the caller takes; undefined: all with these hashes. */
  readonly signatures?: readonly string[]
}

/** Whose status must be known: `required` → INDETERMINATE without data, `available` → judged if there is data. */
export type RevocationNeed = 'required' | 'available' | 'ignored'

/** The inputs of RFC 5280 §6.1.1 and what the caller wants of the leaf. */
export type PathPolicy = {
  /** OIDs of the extended key usages that the leaf must allow, all of them. */
  readonly purposes: readonly string[]
  /** The leaf must state its purpose; without it, a leaf that states none serves any (RFC 5280). */
  readonly purposeMustBeStated?: boolean
  /** OID that an anchor with limited purposes must list; undefined: `purposes`. */
  readonly anchorPurpose?: string
  readonly keyUsages: readonly KeyUsageName[]
  readonly peerNames: readonly PeerName[]
  /** Non-self-issued intermediates at most. */
  readonly intermediatesMax?: number
  readonly initialPolicies: readonly string[]
  readonly explicitPolicy: boolean
  readonly inhibitPolicyMapping: boolean
  readonly inhibitAnyPolicy: boolean
  readonly revocation: { readonly leaf: RevocationNeed; readonly authorities: RevocationNeed }
  readonly algorithms: AlgorithmPolicy
  /** Weight of a finding by its code or its group; without an entry it counts in full. */
  readonly levels: Readonly<Partial<Record<FindingCode | FindingGroup, 'fail' | 'warn' | 'inform'>>>
}

/** RFC 5280 in full, revocation required, nothing asked of policies, purposes and names. */
export const strictPathPolicy: PathPolicy = {
  purposes: [],
  keyUsages: [],
  peerNames: [],
  initialPolicies: [oid.anyPolicy],
  explicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
  revocation: { leaf: 'required', authorities: 'required' },
  algorithms: {
    rsaBitsMin: 2048,
    rsaExponentMin: 65537n,
    hashes: ['sha256', 'sha384', 'sha512', 'sm3'],
    curves: [oid.p256, oid.p384, oid.p521, oid.sm2],
  },
  levels: {},
}

/**
 * As strictPathPolicy, but missing key identifiers only warn: they help to find a path and prove nothing,
 * and seal makers' CAs leave them out.
 */
export const defaultPathPolicy: PathPolicy = {
  ...strictPathPolicy,
  levels: { authority_key_identifier_missing: 'warn', subject_key_identifier_missing: 'warn' },
}
