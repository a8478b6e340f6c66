import type { CityDate, Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { StoredStatus } from '../licences/licence.ts'
import type { OpenExchange } from './exchange.ts'
import type { ReadSecret } from './secret.ts'

/** One person or organisation, as the case names it. `idType` is a holder code type of domain.md. */
export type HallHolder = {
  readonly idType: string
  readonly id: string
  readonly name: string
}

/** The clerk in whose name a department is asked; police refuses calls without `idNumber`. */
export type HallOperator = {
  readonly id: string
  readonly name: string
  /** Unified social credit code of the clerk's organisation. */
  readonly organisationCode: string
  readonly window?: string
  readonly idNumber?: string
}

/** What is asked of a hall. The holder's name is compared at the source, never here alone. */
export type HallQuery = {
  readonly typeCode: string
  readonly holder: HallHolder
  /** Continues an answer that was `pending`: the same query again, with the hall's ticket. */
  readonly ticket?: string
}

/** Under what a hall is asked. `signal` is the deadline: after it has fired nothing may stay open. */
export type HallContext = {
  readonly signal: AbortSignal
  readonly requestId: string
  readonly callerId: string
  readonly caseId: string
  readonly caseNo: string
  readonly itemCode: string
  readonly operator: HallOperator
}

/** What a department holds, in our own words (domain.md), normalised by the adapter. */
export type HallLicence = {
  readonly typeCode: string
  /** GB/T 36904 identifier as the hall gave it; undefined where the department has none. */
  readonly identifier: string | undefined
  readonly number: string
  readonly version: string
  readonly holders: readonly HallHolder[]
  readonly issuer: { readonly code: string; readonly name: string }
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly status: StoredStatus
  readonly sourceStatus: string
  readonly areaCode: string | undefined
  /** Surface fields under our keys. */
  readonly fields: Readonly<Record<string, string | number>>
  /** When the department's own system says this was true, RFC 3339 with +08:00. */
  readonly asOf: string
  /** `sha-256:` or `sm3:<base64url>` over the bytes that the hall sent. */
  readonly rawDigest: string
}

/** What an adapter knows of an answer beside its content. */
export type AnswerFacts = {
  readonly typeCode: string
  /** As the hall sent them. */
  readonly bytes: Uint8Array
  readonly asOf: string
  readonly digestName: DigestName
}

/** One paper that a hall holds. `ref` is the adapter's own and may name a person: never show or log it. */
export type Candidate = {
  readonly ref: string
  readonly number: string
  readonly version: string
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly status: StoredStatus
  /** Present when the protocol sends the content with the finding. */
  readonly licence?: HallLicence
}

export const failureKinds = [
  'timeout',
  'unreachable',
  'unauthorised',
  'rejected',
  'malformed',
  'busy',
  'maintenance',
] as const
export type FailureKind = (typeof failureKinds)[number]

/** Why a hall said no although connection and message were right. */
export type RejectReason =
  'sealed' | 'not_permitted' | 'operator_unknown' | 'type_not_offered' | 'parameters' | 'expired'

/**
 * A hall that gave no answer. `cause` is a code of small letters, digits, `_` and `:` for the log and
 * the operators' screen: never a value of the message, so it cannot hold personal data.
 */
export type Failed = {
  readonly state: 'failed'
  readonly kind: FailureKind
  readonly cause: string
  readonly reason?: RejectReason
  readonly retryAt?: Date
  /** True where nothing was sent: it says nothing about the hall's health. */
  readonly isUnasked?: true
}

/** `absent` nothing is held · `name_differs` · `name_unreadable` the source lost the name's characters. */
export type None = {
  readonly state: 'none'
  readonly because: 'absent' | 'name_differs' | 'name_unreadable'
  /** True where nothing was sent, as in {@link Failed}. */
  readonly isUnasked?: true
}

/** The hall has taken the question and answers later: ask again with `ticket` from `retryAt` on. */
export type Pending = { readonly state: 'pending'; readonly ticket: string; readonly retryAt: Date }

export type Found = { readonly state: 'found'; readonly candidates: readonly Candidate[] }

export type FindOutcome = Found | None | Pending | Failed
export type FetchOutcome =
  { readonly state: 'licence'; readonly licence: HallLicence } | None | Pending | Failed

/** Health of the connection, by one harmless call. */
export type ProbeOutcome = { readonly state: 'up' } | Failed

/** The hall's own business, for the approval platform's watch: counts since an instant, queues now. */
export type HallBusiness = {
  readonly asOf: string
  readonly accepted: number
  readonly finished: number
  readonly overdue: number
  readonly queues: readonly { readonly nameZh: string; readonly length: number }[]
}
export type FeedOutcome = { readonly state: 'business'; readonly business: HallBusiness } | Failed

/** A day's count of questions against answers, for departments that are reconciled at night. */
export type Reconciliation = {
  readonly day: CityDate
  readonly asked: number
  readonly answered: number
  readonly withdrawn: number
  readonly missing: number
  readonly repeated: number
}

/**
 * One connected hall. Every method answers with a value within the context's deadline and throws for
 * nothing but its own bugs. `fetch` takes the `ref` of a candidate and the query that found it.
 */
export type HallAdapter = {
  readonly typeCodes: readonly string[]
  /** True where the same find may be sent twice without a second act at the department. */
  readonly canRepeatFind: (typeCode: string) => boolean
  readonly find: (query: HallQuery, ctx: HallContext) => Promise<FindOutcome>
  readonly fetch: (ref: string, query: HallQuery, ctx: HallContext) => Promise<FetchOutcome>
  readonly probe: (signal: AbortSignal) => Promise<ProbeOutcome>
  readonly feed: (since: Date, signal: AbortSignal) => Promise<FeedOutcome>
  readonly reconcile?: (day: CityDate) => Promise<Reconciliation | Failed>
  readonly close: () => Promise<void>
}

/** What an adapter is made of. `settings` is the hall's configuration row, checked by the adapter. */
export type AdapterSetup = {
  readonly hallId: string
  readonly settings: unknown
  readonly readSecret: ReadSecret
  /** Opens HTTP to one base address with that hall's TLS settings. */
  readonly openExchange: OpenExchange
  /** What `rawDigest` is made with. */
  readonly digestName: DigestName
  readonly clock: Clock
  readonly random: RandomBytes
}

/** @throws SettingsError naming every problem of the settings at once. */
export type OpenAdapter = (setup: AdapterSetup) => Promise<HallAdapter>

/** @param cause code without personal data, see {@link Failed}. */
export const failed = (
  kind: FailureKind,
  cause: string,
  more: Pick<Failed, 'reason' | 'retryAt'> = {},
): Failed => ({ state: 'failed', kind, cause, ...more })

/** A question that the adapter itself turns away, before anything is sent. */
export const unasked = (reason: RejectReason, cause: string): Failed => ({
  ...failed('rejected', cause, { reason }),
  isUnasked: true,
})

export const none = (because: None['because']): None => ({ state: 'none', because })
