import { isUtf8 } from 'node:buffer'
import { CryptoError } from './crypto-error.ts'
import { isJsonArray, type JsonObject, type JsonValue } from './json-value.ts'

export type ParseJsonOptions = {
  /** Nesting allowed, the outermost array or object counting as 1. Default 64. */
  readonly depthMax?: number
  /** Values allowed in all; of more not one is read (engines take seconds over a million members). */
  readonly valuesMax?: number
  /** True: an integer that a double cannot hold exactly is refused, not rounded. */
  readonly exactIntegers?: boolean
}

const quote = 0x22
const backslash = 0x5c
const loneSurrogate = /\p{Surrogate}/u

/**
 * Strict JSON: UTF-8, no byte-order mark, no repeated member, no lone surrogate, finite numbers, bounded
 * depth, no member `__proto__` (assigning it to a plain object would change its prototype). JSON.parse
 * does the reading; one scan of the text before it bounds the depth and counts the members, one walk
 * over the value after it compares the count, since a repeated member is silently dropped.
 * @throws CryptoError malformed_json with the position where one is known
 */
export const parseJson = (
  input: string | Uint8Array,
  options: ParseJsonOptions = {},
): JsonValue => {
  const text = typeof input === 'string' ? wellFormed(input) : decodeUtf8(input)
  if (options.valuesMax !== undefined) checkValues(text, options.valuesMax)
  const memberCount = countMembers(text, options.depthMax ?? 64)
  const value = readJson(text)
  const exactIntegers = options.exactIntegers === true
  const walk = { members: 0, checkText: text.includes('\\u'), exactIntegers }
  visit(value, walk)
  if (walk.members !== memberCount)
    throw malformed('a member is repeated', findRepeatedMember(text))
  return value
}

const malformed = (message: string, position?: number, cause?: unknown): CryptoError =>
  new CryptoError('malformed_json', message, {
    cause,
    ...(position === undefined ? {} : { position }),
  })

const wellFormed = (text: string): string => {
  const position = text.search(loneSurrogate)
  if (position >= 0) throw malformed('lone surrogate', position)
  return text
}

const decodeUtf8 = (bytes: Uint8Array): string => {
  if (!isUtf8(bytes)) throw malformed('not UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The engine's message quotes the text, so only its position is kept. */
const readJson = (text: string): JsonValue => {
  try {
    return asJsonValue(JSON.parse(text))
  } catch (error) {
    const found = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    throw malformed('not JSON', found === undefined ? undefined : Number(found))
  }
}

/** JSON.parse without a reviver returns nothing else. */
const asJsonValue = (value: unknown): JsonValue => value as JsonValue

/** Colons outside strings are members, in every text that JSON.parse accepts. */
const countMembers = (text: string, depthMax: number): number => {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === 0x3a) members++
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > depthMax) throw malformed(`nested deeper than ${String(depthMax)}`, at)
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return members
}

/** Every value stands behind a comma or is the first in its brackets, which count for themselves. */
const checkValues = (text: string, valuesMax: number): void => {
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === 0x2c || code === 0x7b || code === 0x5b) values++
    if (values > valuesMax) throw malformed('too many values', at)
  }
}

/** Offset of the closing quote of the string that opens at `start`; the end of a text without one. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

const isEscaped = (text: string, at: number): boolean => {
  let first = at
  while (text.charCodeAt(first - 1) === backslash) first--
  return (at - first) % 2 === 1
}

type Walk = {
  members: number
  readonly checkText: boolean
  readonly exactIntegers: boolean
}

const visit = (value: JsonValue, walk: Walk): void => {
  if (typeof value === 'string') checkText(value, walk)
  else if (typeof value === 'number') checkNumber(value, walk)
  else if (typeof value === 'boolean' || value === null) return
  else if (isJsonArray(value)) for (const element of value) visit(element, walk)
  else visitMembers(value, walk)
}

const checkNumber = (value: number, { exactIntegers }: Walk): void => {
  const isRounded = exactIntegers && Number.isInteger(value) && !Number.isSafeInteger(value)
  if (!Number.isFinite(value) || isRounded) throw malformed('number out of range')
}

const visitMembers = (value: JsonObject, walk: Walk): void => {
  for (const [name, member] of Object.entries(value)) {
    walk.members++
    if (name === '__proto__') throw malformed('member name __proto__')
    checkText(name, walk)
    visit(member, walk)
  }
}

const checkText = (text: string, walk: Walk): void => {
  if (walk.checkText && loneSurrogate.test(text)) throw malformed('lone surrogate')
}

/** Only for the message: the offset of the second of two equal member names. */
const findRepeatedMember = (text: string): number | undefined => {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      if (isFollowedByColon(text, end) && isRepeated(text.slice(at, end + 1), open)) return at
      at = end
    }
  }
  return undefined
}

const isFollowedByColon = (text: string, end: number): boolean => {
  let at = end + 1
  while (/[ \t\n\r]/.test(text.charAt(at))) at++
  return text.charAt(at) === ':'
}

const isRepeated = (quotedName: string, open: readonly Set<string>[]): boolean => {
  const names = open.at(-1)
  const name = String(JSON.parse(quotedName))
  if (names?.has(name) === true) return true
  names?.add(name)
  return false
}
