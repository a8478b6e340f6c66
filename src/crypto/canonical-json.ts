import { CryptoError } from './crypto-error.ts'
import { isJsonArray, type JsonObject, type JsonValue } from './json-value.ts'

const loneSurrogate = /\p{Surrogate}/u
/** Text that stands in JSON as it is. */
const plain = /^[ !#-[\]-~]*$/

/**
 * RFC 8785 (JCS) text of a value: members sorted by UTF-16 code units, no white space, ECMAScript
 * numbers.
 * @throws CryptoError not_json for what I-JSON cannot say: lone surrogates, NaN, infinities, undefined
 */
export const canonicalJson = (value: JsonValue): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  if (value === null || typeof value === 'boolean') return String(value)
  return isJsonArray(value) ? arrayText(value) : objectText(value)
}

const quoted = (text: string): string => {
  if (plain.test(text)) return `"${text}"`
  if (loneSurrogate.test(text)) throw new CryptoError('not_json', 'lone surrogate')
  return JSON.stringify(text)
}

const numberText = (value: number): string => {
  if (!Number.isFinite(value)) throw new CryptoError('not_json', 'number is not finite')
  return JSON.stringify(value)
}

const arrayText = (values: readonly JsonValue[]): string => {
  let text = ''
  for (const value of values) text += (text === '' ? '' : ',') + canonicalJson(value)
  return `[${text}]`
}

const objectText = (value: JsonObject): string => {
  requireObject(value)
  let text = ''
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member === undefined) throw new CryptoError('not_json', 'member is undefined')
    text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** Rows from a database driver may bring bigint, undefined or a Date past the type. */
const requireObject = (value: unknown): void => {
  const prototype: unknown =
    typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null)
    throw new CryptoError('not_json', 'not a JSON value')
}
