import { isJsonArray, isJsonObject, type JsonValue } from '../crypto/json-value.ts'
import { pointerStep } from './field-errors.ts'

/** JSON Pointer of the first text, or member name, with a NUL character. */
export const findNul = (value: JsonValue, pointer = ''): string | undefined => {
  if (typeof value === 'string') return value.includes('\0') ? pointer : undefined
  if (isJsonArray(value))
    return firstFound(value.entries(), ([at, item]) => findNul(item, `${pointer}/${String(at)}`))
  if (!isJsonObject(value)) return undefined
  return firstFound(Object.entries(value), ([name, member]) =>
    name.includes('\0') ? pointer : findNul(member, pointer + pointerStep(name)),
  )
}

const firstFound = <Entry>(
  entries: Iterable<Entry>,
  find: (entry: Entry) => string | undefined,
): string | undefined => {
  for (const entry of entries) {
    const pointer = find(entry)
    if (pointer !== undefined) return pointer
  }
  return undefined
}
