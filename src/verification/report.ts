import type { Json } from '../contract/endpoint.ts'

/** Verdicts of ETSI EN 319 102-1. */
export type Verdict = 'TOTAL_PASSED' | 'INDETERMINATE' | 'TOTAL_FAILED'

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'skipped'

/** One line of a report. */
export type Check = {
  readonly code: string
  readonly status: CheckStatus
  readonly message: string
  readonly messageZh: string
}

/**
 * A check and what it does to the verdict: `broken` makes it TOTAL_FAILED, `open` (something is missing)
 * INDETERMINATE.
 */
export type Finding = Check & {
  readonly effect: 'none' | 'open' | 'broken'
  readonly subIndication?: string
}

export type ArtefactKind =
  'credential' | 'receipt' | 'certificate' | 'timestamp' | 'signed_data' | 'unknown'

export type Report = {
  readonly verdict: Verdict
  /** Sub-indication of ETSI EN 319 102-1; absent when passed. */
  readonly subIndication?: string
  /** One sentence that says it all. */
  readonly messageZh: string
  readonly message: string
  readonly artefact: ArtefactKind
  /** The time of judgement. */
  readonly at: string
  readonly checks: readonly Check[]
  /** Everything that was read. */
  readonly facts: { readonly [name: string]: Json }
  /** Reports of what stands inside, with its place (RFC 6901 pointer). */
  readonly parts?: readonly { readonly pointer: string; readonly report: Report }[]
}

/** What one verification found, before it is concluded. */
export type Judgement = {
  readonly artefact: ArtefactKind
  readonly findings: readonly Finding[]
  readonly facts: Report['facts']
  readonly parts?: Report['parts']
}
