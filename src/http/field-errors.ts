import type { z } from 'zod'
import type { FieldError } from '../contract/error.ts'
import { fieldTextsZh, unitsZh } from './texts-zh.ts'

export const unknownFieldCode = 'unknown_field'

type Issue = z.core.$ZodIssue

/**
 * One finding for each place that zod objects to, with a JSON Pointer (RFC 6901) and a Chinese sentence.
 * The sentences name rules, never what was sent.
 */
export const fieldErrorsOf = (error: z.ZodError, input: unknown): FieldError[] =>
  error.issues.flatMap((issue) => errorsOfIssue(issue, [], input)).slice(0, errorsMax)

const errorsMax = 50

type Path = readonly PropertyKey[]

const errorsOfIssue = (issue: Issue, base: Path, input: unknown): FieldError[] => {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointerOf([...path, key]),
      code: unknownFieldCode,
      detail: fieldTextsZh.unknown,
    }))
  if (issue.code === 'invalid_union') {
    const nested = nearestBranch(issue, path, input)
    if (nested.length > 0) return nested
  }
  return [
    {
      pointer: pointerOf(path),
      code: codeOf(issue, path, input),
      detail: detailOf(issue, path, input),
    },
  ]
}

/** Of a union's alternatives, the one that came closest says what is wrong. */
const nearestBranch = (
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  input: unknown,
): FieldError[] => {
  const branches = issue.errors.filter((issues) =>
    issues.some(({ path: inner }) => inner.length > 0),
  )
  const nearest = [...branches].sort((a, b) => a.length - b.length)[0] ?? []
  return nearest.flatMap((inner) => errorsOfIssue(inner, path, input))
}

const codeOf = (issue: Issue, path: Path, input: unknown): string =>
  issue.code === 'invalid_type' && isMissing(path, input) ? 'missing' : issue.code

/** A schema's own message is shown when it was written for clerks. */
const detailOf = (issue: Issue, path: Path, input: unknown): string => {
  if (/\p{Script=Han}/u.test(issue.message)) return issue.message
  if (issue.code === 'invalid_type' && isMissing(path, input)) return fieldTextsZh.missing
  return ruleOf(issue)
}

const ruleOf = (issue: Issue): string => {
  if (issue.code === 'invalid_type') return fieldTextsZh.wrongType(issue.expected)
  if (issue.code === 'too_small')
    return fieldTextsZh.tooSmall(String(issue.minimum), unitsZh[issue.origin] ?? '')
  if (issue.code === 'too_big')
    return fieldTextsZh.tooBig(String(issue.maximum), unitsZh[issue.origin] ?? '')
  if (issue.code === 'invalid_value')
    return fieldTextsZh.notOneOf(issue.values.map(String).join('、'))
  if (issue.code === 'not_multiple_of') return fieldTextsZh.multipleOf(String(issue.divisor))
  if (issue.code === 'invalid_format') return fieldTextsZh.format
  return issue.code === 'invalid_union' ? fieldTextsZh.noneFits : fieldTextsZh.other
}

const isMissing = (path: Path, input: unknown): boolean => {
  let value = input
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return true
    value = Reflect.get(value, step)
  }
  return value === undefined
}

/** A member name of the sender's own may be as long as the body; nobody needs all of it back. */
const pointerOf = (path: Path): string =>
  path.map((step) => pointerStep(String(step).slice(0, 200))).join('')

/** One step of a JSON Pointer. */
export const pointerStep = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
