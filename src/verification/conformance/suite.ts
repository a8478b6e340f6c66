import type { JsonValue } from '../../crypto/json-value.ts'

export type CaseVerdict = 'accept' | 'reject'

/** One case of a suite, read and not yet judged. */
export type CaseToJudge = {
  readonly id: string | number
  readonly expected: CaseVerdict
  /** False or a coded error rejects; any other error is no answer. */
  readonly accepts: () => boolean | Promise<boolean>
}

export type CaseResult = {
  readonly id: string | number
  readonly expected: CaseVerdict
  /** `none` when the code under test gave no answer: an error that is not one of its own. */
  readonly got: CaseVerdict | 'none'
  readonly cpuMs: number
}

/** A suite's file in the upstream format, and the means that a run may use. */
export type SuiteInput = {
  readonly json: JsonValue
  /** Reads a file by its path relative to the suite's file. */
  readonly readBeside: (path: string) => Promise<Uint8Array>
  /** Time of judgement for cases that name none. */
  readonly now: Date
  /** CPU time of this process so far. */
  readonly cpuMs: () => number
}

/** The cases one by one; each asks the code that `zhengqiao verify` uses. */
export type ReadSuite = (input: SuiteInput) => AsyncIterable<CaseToJudge>

export type SuiteSummary = {
  readonly total: number
  readonly right: number
  readonly wrongAccept: number
  readonly wrongReject: number
  readonly noAnswer: number
}

export const emptySummary: SuiteSummary = {
  ...{ total: 0, right: 0, wrongAccept: 0, wrongReject: 0, noAnswer: 0 },
}

/** The summary with one more result counted. */
export const addResult = (
  summary: SuiteSummary,
  { expected, got }: Pick<CaseResult, 'expected' | 'got'>,
): SuiteSummary => ({
  total: summary.total + 1,
  right: summary.right + Number(got === expected),
  wrongAccept: summary.wrongAccept + Number(got === 'accept' && expected === 'reject'),
  wrongReject: summary.wrongReject + Number(got === 'reject' && expected === 'accept'),
  noAnswer: summary.noAnswer + Number(got === 'none'),
})
