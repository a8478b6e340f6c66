import type { LicenceId, TypeCode, Uscc } from '../contract/ids.ts'

/** Status of a licence. `expired` and `not_yet_active` follow from its dates and are never stored. */
export const licenceStatuses = [
  'active',
  'not_yet_active',
  'suspended',
  'expired',
  'changed',
  'revoked',
  'cancelled',
  'transferred_out',
  'void_error',
] as const
export type LicenceStatus = (typeof licenceStatuses)[number]

/** What a department can say about a licence; the rest is computed. */
export const storedStatuses = [
  'active',
  'suspended',
  'changed',
  'revoked',
  'cancelled',
  'transferred_out',
  'void_error',
] as const
export type StoredStatus = (typeof storedStatuses)[number]

/** Statuses of a licence that still counts: only these can be superseded or conflict. */
export const liveStatuses = ['active', 'suspended'] as const satisfies readonly StoredStatus[]

export const trustLevels = ['A', 'B', 'C', 'D'] as const
export type TrustLevel = (typeof trustLevels)[number]

export type HolderKind = 'person' | 'organisation'

/** One holder (持证主体) as the credential names it; `idType` is a holder code type. */
export type Holder = {
  readonly kind: HolderKind
  readonly idType: string
  readonly id: string
  readonly name: string
  /** The 15-digit number that stands on the paper, where `id` was made from one. */
  readonly originalId?: string
}

/** A released licence without its content: enough to judge it. Dates are city days `YYYY-MM-DD`. */
export type Licence = {
  readonly licenceId: LicenceId
  readonly typeCode: TypeCode
  readonly version: string
  readonly issuerCode: Uscc
  readonly issuedAt: string
  readonly validFrom: string
  /** Last valid day; null = no end. */
  readonly validTo: string | null
  readonly trustLevel: TrustLevel
  readonly status: StoredStatus
  /** The department's own word where it differs from ours. */
  readonly sourceStatus: string | null
  readonly statusAsOf: Date
  readonly statusSource: string
  /** The licence that replaced this one. */
  readonly successorId: LicenceId | null
}
