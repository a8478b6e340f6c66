import type { People } from '../../licences/synthetic-holder.ts'
import type { LicenceType } from '../../catalogue/licence-type.ts'
import type { CityDate } from '../../contract/clock.ts'
import type { Json } from '../../contract/endpoint.ts'
import type { Holder, StoredStatus, TrustLevel } from '../../licences/licence.ts'
import type { Finding } from './finding.ts'

/** A pushed row whose members are of the right types; nothing is judged yet. */
export type GivenRow = {
  readonly licenceId: string
  readonly typeCode: string
  readonly number: string
  readonly version: string
  readonly holders: readonly GivenHolder[]
  readonly issuerCode: string
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly status: string
  readonly trustLevel: string
  readonly areaCode: string | null
  readonly surface: { readonly [key: string]: Json }
}

export type GivenHolder = {
  readonly kind: string
  readonly idType: string
  readonly id: string
  readonly name: string
  readonly originalId?: string
}

/** A row that may be loaded. `surface` is in the catalogue's order; dates are `YYYY-MM-DD`. */
export type LoadableRow = {
  readonly type: LicenceType
  readonly identifier: string
  /** The whole identifier as given, when its check character was wrong. */
  readonly legacyAlias: string | undefined
  readonly number: string
  readonly version: string
  readonly holders: readonly Holder[]
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly status: StoredStatus
  /** The department's own word where it differs. */
  readonly sourceStatus: string | null
  readonly trustLevel: TrustLevel
  readonly areaCode: string | null
  readonly surface: { readonly [key: string]: Json }
}

/** What rows of a batch are judged against. */
export type RowContext = {
  readonly issuerCode: string
  /** Published types by code. */
  readonly types: ReadonlyMap<string, LicenceType>
  /** Types that the batch was opened for; undefined = all of the issuer. */
  readonly typeCodes: ReadonlySet<string> | undefined
  readonly cityDate: CityDate
  readonly isInGbk: (character: string) => boolean
  /** Whose papers are kept; anybody's when it is not said. */
  readonly people?: People
}

/** A value after one step, with what the step found. */
export type Step<Value> = { readonly value: Value; readonly findings: readonly Finding[] }
