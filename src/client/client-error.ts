import type { JsonObject, JsonValue } from '../crypto/json-value.ts'
import type { Report } from '../verification/report.ts'

/** The gateway refused, with a problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  /** Never renamed; each has a page at `<gateway>/problems/<code>`. */
  readonly code: string
  readonly status: number
  /** The Chinese sentence for a clerk. */
  readonly detail: string
  /** Whose side it is: `client`, `gateway` or `hall:<id>`. */
  readonly source: string
  readonly requestId: string
  readonly isRetryable: boolean
  readonly retryAfterMs: number | undefined
  /** Each wrong place of the body. */
  readonly errors: readonly JsonObject[]
  /** The whole document. */
  readonly problem: JsonObject
  /** Evidence of the refusal, when it was filed. */
  readonly receipt: JsonObject | undefined

  constructor(status: number, problem: JsonObject, receipt: JsonObject | undefined) {
    const detail = textOf(problem['detail'] ?? problem['title'])
    super(`${textOf(problem['code'])}: ${detail}`)
    this.code = textOf(problem['code'])
    this.status = status
    this.detail = detail
    this.source = textOf(problem['source'])
    this.requestId = textOf(problem['requestId'])
    this.isRetryable = problem['retryable'] === true
    const { retryAfterMs, errors } = problem
    this.retryAfterMs = typeof retryAfterMs === 'number' ? retryAfterMs : undefined
    this.errors = Array.isArray(errors) ? errors : []
    this.problem = problem
    this.receipt = receipt
  }
}

/** No whole answer came. The request may have taken effect: repeat it with the same idempotency key. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly idempotencyKey: string | undefined

  constructor(cause: unknown, idempotencyKey?: string) {
    super(`no answer from the gateway: ${reasonOf(cause)}`, { cause })
    this.idempotencyKey = idempotencyKey
  }
}

/**
 * What is wrong with the evidence of an answer. Codes never change. `evidence_failed` and `evidence_open`
 * come with the verifier's report.
 */
export type EvidenceCode =
  | 'answer_unexpected'
  | 'receipt_missing'
  | 'receipt_other_request'
  | 'evidence_failed'
  | 'evidence_open'
  | 'cosignatures_missing'

/** An answer came, but its evidence does not hold: do not act on it, keep it and report it. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: EvidenceCode
  readonly report: Report | undefined

  constructor(
    code: EvidenceCode,
    message: string,
    { report, cause }: { readonly report?: Report; readonly cause?: unknown } = {},
  ) {
    super(`${code}: ${message}`, { cause })
    this.code = code
    this.report = report
  }
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** fetch says only "fetch failed"; its cause says why. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? reasonOf(cause.cause) : cause.message
}
