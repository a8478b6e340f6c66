import { decodeBase64 } from '../base64url.ts'
import {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  MessageSignatureError,
  type Parameters,
} from './structured-field.ts'

type Cursor = { readonly text: string; at: number }

const optionalWhiteSpace = /[ \t]*/y
const spaces = / */y
const key = /[a-z*][a-z0-9_.*-]*/y
const integer = /-?[0-9]{1,15}(?![0-9.])/y
const quoted = /"(?:[ !#-[\]-~]|\\["\\])*"/y
const token = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y
const bytes = /:[A-Za-z0-9+/=]*:/y
const boolean = /\?[01]/y

/**
 * A dictionary of RFC 9651 §4.2.2. Stricter than the standard in one point: a repeated key, which the
 * standard lets the last one win, is refused, because two readers could pick different ones.
 * @throws MessageSignatureError field_malformed
 */
export const parseDictionary = (text: string): Dictionary => {
  const cursor = { text, at: 0 }
  const members = new Map<string, Item | InnerList>()
  take(cursor, spaces)
  if (cursor.at === text.length) return members
  for (;;) {
    const name = demand(cursor, key)
    if (members.has(name)) throw malformed('a key is repeated')
    members.set(name, skip(cursor, '=') ? readMember(cursor) : impliedTrue(cursor))
    take(cursor, optionalWhiteSpace)
    if (cursor.at === text.length) return members
    if (!skip(cursor, ',')) throw malformed('comma expected')
    take(cursor, optionalWhiteSpace)
  }
}

const readMember = (cursor: Cursor): Item | InnerList =>
  skip(cursor, '(') ? readInnerList(cursor) : readItem(cursor)

const impliedTrue = (cursor: Cursor): Item => ({
  item: { kind: 'boolean', value: true },
  parameters: readParameters(cursor),
})

const readInnerList = (cursor: Cursor): InnerList => {
  const items: Item[] = []
  for (;;) {
    take(cursor, spaces)
    if (skip(cursor, ')')) return { items, parameters: readParameters(cursor) }
    items.push(readItem(cursor))
    const next = cursor.text[cursor.at]
    if (next !== ' ' && next !== ')') throw malformed('space or parenthesis expected')
  }
}

const readItem = (cursor: Cursor): Item => {
  const item = readBareItem(cursor)
  return { item, parameters: readParameters(cursor) }
}

const readParameters = (cursor: Cursor): Parameters => {
  const parameters = new Map<string, BareItem>()
  while (skip(cursor, ';')) {
    take(cursor, spaces)
    const name = demand(cursor, key)
    if (parameters.has(name)) throw malformed('a parameter is repeated')
    const value = skip(cursor, '=') ? readBareItem(cursor) : undefined
    parameters.set(name, value ?? { kind: 'boolean', value: true })
  }
  return parameters
}

const readBareItem = (cursor: Cursor): BareItem => {
  const first = cursor.text[cursor.at] ?? ''
  if (first === '"') {
    const text = demand(cursor, quoted).slice(1, -1)
    return { kind: 'string', value: text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text }
  }
  if (first === ':') return { kind: 'bytes', value: readBytes(demand(cursor, bytes)) }
  if (first === '?') return { kind: 'boolean', value: demand(cursor, boolean) === '?1' }
  if (/[-0-9]/.test(first)) return { kind: 'integer', value: Number(demand(cursor, integer)) }
  return { kind: 'token', value: demand(cursor, token) }
}

const readBytes = (text: string): Uint8Array => {
  try {
    return decodeBase64(text.slice(1, -1))
  } catch {
    throw malformed('not canonical base64')
  }
}

const take = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}

const demand = (cursor: Cursor, pattern: RegExp): string => {
  const found = take(cursor, pattern)
  if (found === undefined) throw malformed(`unexpected character at ${String(cursor.at)}`)
  return found
}

const skip = (cursor: Cursor, character: string): boolean => {
  if (cursor.text[cursor.at] !== character) return false
  cursor.at++
  return true
}

const malformed = (message: string): MessageSignatureError =>
  new MessageSignatureError('field_malformed', message)
