import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'

/** An object inside a value, and where (RFC 6901 pointer). */
export type Place = { readonly pointer: string; readonly value: JsonObject }

/** Every object of a value, outer ones first. */
export const objectsIn = function* (
  value: JsonValue | undefined,
  pointer: string,
): Generator<Place> {
  if (isJsonArray(value)) {
    for (const [at, element] of value.entries()) {
      yield* objectsIn(element, `${pointer}/${String(at)}`)
    }
  } else if (isJsonObject(value)) {
    yield { pointer, value }
    for (const [name, member] of Object.entries(value)) {
      yield* objectsIn(member, `${pointer}/${escaped(name)}`)
    }
  }
}

/** RFC 6901. */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
