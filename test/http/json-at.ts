import { isJsonObject, type JsonValue } from '../../src/crypto/json-value.ts'

/** The value at a path of member names; undefined when there is none. */
export const at = (
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>(
    (found, name) => (isJsonObject(found) ? found[name] : undefined),
    value,
  )
