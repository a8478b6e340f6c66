import { GatewayError } from '../contract/error.ts'
import { type CatalogueDb, findLicenceType, findServiceItem } from './catalogue-store.ts'
import type { LicenceType } from './licence-type.ts'
import type { ServiceItem } from './service-item.ts'

/** The catalogue as every request needs it, from memory. */
export type CatalogueDirectory = {
  /** The newest version of an item; what another node published holds here within a second. */
  readonly findItem: (code: string) => Promise<ServiceItem | undefined>
  /** One version, which never changes. @throws GatewayError item_not_found */
  readonly getItem: (code: string, version: number) => Promise<ServiceItem>
  /** The newest version of a type. @throws GatewayError type_not_found */
  readonly getType: (typeCode: string) => Promise<LicenceType>
}

const newestForMs = 1000
const entriesMax = 10_000

export const createCatalogueDirectory = (
  db: CatalogueDb,
  nowMs: () => number,
): CatalogueDirectory => {
  const newestItem = createMemory(nowMs, newestForMs, (code) => findServiceItem(db, code))
  const newestType = createMemory(nowMs, newestForMs, (code) => findLicenceType(db, code))
  const item = createMemory(nowMs, Number.POSITIVE_INFINITY, (key) => {
    const [code = '', version = ''] = key.split('\n')
    return findServiceItem(db, code, Number(version))
  })
  return {
    findItem: newestItem,
    getItem: async (code, version) => {
      const found = await item(`${code}\n${String(version)}`)
      if (found === undefined) throw new GatewayError('item_not_found')
      return found
    },
    getType: async (typeCode) => {
      const found = await newestType(typeCode)
      if (found === undefined) throw new GatewayError('type_not_found')
      return found
    },
  }
}

/** Remembers what was found for a while; what was not found is asked for again. */
const createMemory = <Value>(
  nowMs: () => number,
  validForMs: number,
  find: (key: string) => Promise<Value | undefined>,
): ((key: string) => Promise<Value | undefined>) => {
  const known = new Map<string, { readonly value: Value; readonly atMs: number }>()
  return async (key) => {
    const entry = known.get(key)
    const ageMs = entry === undefined ? 0 : nowMs() - entry.atMs
    if (entry !== undefined && ageMs >= 0 && ageMs < validForMs) return entry.value
    const atMs = nowMs()
    const value = await find(key)
    if (value === undefined) return undefined
    if (known.size >= entriesMax) known.clear()
    known.set(key, { value, atMs })
    return value
  }
}
