import { isUtf8 } from 'node:buffer'
import { parseJson } from '../crypto/parse-json.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'

export type HallJson =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly cause: string }

const limits = { depthMax: 32, valuesMax: 100_000, exactIntegers: true } as const

/**
 * Reads a hall's JSON strictly: no repeated members, depth ≤ 32, at most 100,000 values, no integer that
 * would be rounded; a byte-order mark is let pass.
 */
export const parseHallJson = (input: Uint8Array | string): HallJson => {
  if (typeof input !== 'string' && !isUtf8(input)) return { ok: false, cause: 'encoding_not_utf8' }
  const source = typeof input === 'string' ? input : Buffer.from(input).toString('utf8')
  try {
    return { ok: true, value: parseJson(source.replace(/^\uFEFF/, ''), limits) }
  } catch {
    return { ok: false, cause: 'json_malformed' }
  }
}

export const isRecord = (value: JsonValue | undefined): value is JsonObject => isJsonObject(value)
export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  isJsonArray(value)

/** Members of a flat record as text: numbers and booleans written out, null left out. */
export const flatFields = (record: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  )
