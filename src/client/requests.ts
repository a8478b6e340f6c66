import type { z } from 'zod'
import type { caseRegistrationSchema, subjectSchema } from '../cases/case-file.ts'
import type { serviceItemSchema } from '../catalogue/service-item.ts'
import type { statusBody } from '../stock/change-status.ts'

/** What a registrar files. */
export type CaseRegistration = z.input<typeof caseRegistrationSchema>

export type CheckRequest = {
  /** Codes of the item's materials; all of them when left out. */
  readonly materials?: readonly string[]
}

export type FetchRequest = {
  readonly materials: readonly {
    readonly code: string
    /** Which one, where a check was `ambiguous`. */
    readonly licenceId?: string
  }[]
  /** How long the gateway may wait for halls; at most 8000. */
  readonly waitMs?: number
}

export type CloseRequest = { readonly outcome: 'approved' | 'refused' | 'withdrawn' | 'other' }

export type LicenceSearch = {
  /** The case; without one nothing is told. */
  readonly case: string
  readonly holder: z.input<typeof subjectSchema>
  /** Licence type code. */
  readonly type: string
}

/** The next version of a service item. */
export type ItemVersion = z.input<typeof serviceItemSchema>

export type BatchRequest = {
  readonly issuerCode: string
  readonly format: 'ndjson' | 'csv'
  readonly typeCodes?: readonly string[]
  readonly expectedRows: number
  readonly expectedChunks: number
}

/** Exactly what the validated batch showed: this signed request is the release order. */
export type ReleaseRequest = { readonly root: string; readonly rows: number }

export type ErrorsQuery = {
  readonly class?: 'normalise' | 'warn' | 'quarantine' | 'duplicate'
  readonly limit?: number
  readonly cursor?: string
}

export type EventQuery = {
  /** Why you search: it is filed with the search. */
  readonly reason: string
  readonly licence?: string
  readonly case?: string
  readonly client?: string
  readonly operator?: string
  readonly decision?: 'allowed' | 'denied' | 'partial'
  /** RFC 3339. */
  readonly from?: string
  readonly to?: string
  readonly limit?: number
  readonly cursor?: string
}

/** One licence as a line of a stock load has it; the gateway says what is wrong with it. */
export type LicenceRow = Readonly<Record<string, z.core.util.JSONType>>

/** What a department decided about a licence. */
export type StatusChange = z.input<typeof statusBody>
