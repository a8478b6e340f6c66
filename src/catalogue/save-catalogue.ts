import { isDeepStrictEqual } from 'node:util'
import { GatewayError } from '../contract/error.ts'
import {
  type CatalogueDb,
  findLicenceType,
  findServiceItem,
  insertLicenceType,
  insertServiceItem,
} from './catalogue-store.ts'
import type { CatalogueFile } from './parse-catalogue.ts'

export type SavedCatalogue = {
  readonly typesAdded: number
  readonly itemsAdded: number
}

/**
 * Stores every type and item version that is new. A version that stands already must be the same.
 * @throws GatewayError version_conflict when a stored version has other content.
 */
export const saveCatalogue = async (
  tx: CatalogueDb,
  { licenceTypes, serviceItems }: CatalogueFile,
  now: Date,
): Promise<SavedCatalogue> => {
  let typesAdded = 0
  for (const type of licenceTypes) {
    if (await insertLicenceType(tx, type, now)) typesAdded += 1
    else requireSame(type, await findLicenceType(tx, type.typeCode, type.version), type.typeCode)
  }
  let itemsAdded = 0
  for (const item of serviceItems) {
    if (await insertServiceItem(tx, item, now)) itemsAdded += 1
    else requireSame(item, await findServiceItem(tx, item.code, item.version), item.code)
  }
  return { typesAdded, itemsAdded }
}

const requireSame = (given: unknown, stored: unknown, code: string): void => {
  if (!isDeepStrictEqual(given, stored)) {
    throw new GatewayError('version_conflict', `${code} 的这个版本已有不同内容,请提高版本号`)
  }
}
