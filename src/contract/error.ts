import { errorTable } from './error-table.ts'

/** Every coded failure that a caller can meet. Codes are never renamed (API reference: docs/problems). */
export type ErrorCode = keyof typeof errorTable

/** Whose side a failure is on: the caller's, ours, or one hall's. */
export type ErrorSource = 'client' | 'gateway' | `hall:${string}`

/** One finding inside a refused body; `pointer` is an RFC 6901 JSON Pointer. */
export type FieldError = {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

export type ErrorOptions = {
  readonly source?: ErrorSource
  readonly cause?: unknown
  readonly errors?: readonly FieldError[]
  readonly retryAfterMs?: number
  /** Extra members of the problem document, e.g. the link of `case_required`. No personal data. */
  readonly members?: Readonly<Record<string, unknown>>
}

/**
 * An expected failure. `publicMessage` is a Chinese sentence that a clerk can act on; it must hold no
 * personal data, SQL or path. Anything else that is thrown becomes `internal`.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly publicMessage: string
  readonly source: ErrorSource
  readonly errors: readonly FieldError[]
  readonly retryAfterMs: number | undefined
  readonly members: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, publicMessage?: string, options: ErrorOptions = {}) {
    super(code, { cause: options.cause })
    this.code = code
    this.publicMessage = publicMessage ?? errorTable[code].titleZh
    this.source = options.source ?? (errorTable[code].status >= 500 ? 'gateway' : 'client')
    this.errors = options.errors ?? []
    this.retryAfterMs = options.retryAfterMs
    this.members = options.members ?? {}
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status
  }
}
