import type { Json } from '../../contract/endpoint.ts'
import type { RuleCode } from './rule-texts.ts'

/**
 * What became of a row: put right on loading, loaded with a remark, kept out, or left out because it is
 * there already.
 */
export const findingClasses = ['normalise', 'warn', 'quarantine', 'duplicate'] as const
export type FindingClass = (typeof findingClasses)[number]

/** A place in a batch. */
export type RowPlace = { readonly chunk: number; readonly line: number }

/** One finding in one row; `pointer` is an RFC 6901 JSON Pointer, empty for the row as a whole. */
export type Finding = {
  readonly class: FindingClass
  readonly rule: RuleCode
  readonly pointer: string
  readonly given?: Json
  readonly corrected?: Json
  /** The earlier row of the batch that this one repeats or contradicts. */
  readonly other?: RowPlace
}

export const normalised = (
  rule: RuleCode,
  pointer: string,
  given: Json,
  corrected: Json,
): Finding => ({ class: 'normalise', rule, pointer, given, corrected })

export const quarantined = (rule: RuleCode, pointer: string, given?: Json): Finding => ({
  class: 'quarantine',
  rule,
  pointer,
  ...(given === undefined ? {} : { given }),
})

export const warned = (rule: RuleCode, pointer: string, given: Json): Finding => ({
  class: 'warn',
  rule,
  pointer,
  given,
})

/** One step of a JSON Pointer for a member name from outside. */
export const pointerStep = (name: string): string =>
  `/${name.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`
