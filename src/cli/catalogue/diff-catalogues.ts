import type { CatalogueFile } from '../../catalogue/parse-catalogue.ts'
import type { JsonValue } from '../../crypto/json-value.ts'
import { isJsonArray, isJsonObject } from '../../crypto/json-value.ts'
import { parseJson } from '../../crypto/parse-json.ts'

/** One place where two catalogues differ. */
export type CatalogueChange = {
  /** `licenceType <code>` or `serviceItem <code>`. */
  readonly of: string
  /** RFC 6901, empty for the whole. */
  readonly pointer: string
  readonly from: JsonValue | undefined
  readonly to: JsonValue | undefined
}

/** What changes when `to` takes the place of `from`; parts of a list are told apart by `code` or `key`. */
export const diffCatalogues = (
  from: CatalogueFile,
  to: CatalogueFile,
): readonly CatalogueChange[] => [
  ...diffKind(
    'licenceType',
    byCode(from.licenceTypes, 'typeCode'),
    byCode(to.licenceTypes, 'typeCode'),
  ),
  ...diffKind('serviceItem', byCode(from.serviceItems, 'code'), byCode(to.serviceItems, 'code')),
]

/** Of several versions the newest counts. */
const byCode = (
  entries: readonly { readonly version: number }[],
  name: string,
): ReadonlyMap<string, JsonValue> => {
  const newest = new Map<string, JsonValue>()
  const ascending = [...entries].sort((one, other) => one.version - other.version)
  for (const entry of ascending) {
    const json = parseJson(JSON.stringify(entry))
    const code = isJsonObject(json) ? json[name] : undefined
    if (typeof code === 'string') newest.set(code, json)
  }
  return newest
}

const diffKind = (
  kind: string,
  from: ReadonlyMap<string, JsonValue>,
  to: ReadonlyMap<string, JsonValue>,
): readonly CatalogueChange[] =>
  [...new Set([...from.keys(), ...to.keys()])].sort().flatMap((code) =>
    diffValues(from.get(code), to.get(code), '').map((change) => ({
      of: `${kind} ${code}`,
      ...change,
    })),
  )

type Change = Omit<CatalogueChange, 'of'>

const diffValues = (
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  pointer: string,
): readonly Change[] => {
  const [one, other] = [membersOf(from), membersOf(to)]
  if (one === undefined || other === undefined)
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ pointer, from, to }]
  const names = [...new Set([...one.keys(), ...other.keys()])]
  return names.flatMap((name) =>
    diffValues(one.get(name), other.get(name), `${pointer}/${escape(name)}`),
  )
}

/** Lists of objects become members by their code; other lists are compared as a whole. */
const membersOf = (value: JsonValue | undefined): ReadonlyMap<string, JsonValue> | undefined => {
  if (isJsonObject(value)) return new Map(Object.entries(value))
  if (!isJsonArray(value)) return undefined
  const members = new Map<string, JsonValue>()
  for (const each of value) {
    const code = isJsonObject(each) ? (each['code'] ?? each['key']) : undefined
    if (typeof code !== 'string') return undefined
    members.set(code, each)
  }
  return members.size === value.length ? members : undefined
}

const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
