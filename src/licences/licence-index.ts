import type { DataKeys, Indexed, IndexKind } from '../store/data-keys.ts'
import type { LicenceContent } from './credential.ts'
import { foldName } from './fold-name.ts'
import type { LicenceIdentifier } from './licence-identifier.ts'
import { parseLicenceIdentifier, seriesOf } from './licence-identifier.ts'
import type { Holder } from './licence.ts'
import { foldHolderId } from './normalise-holder-id.ts'

/** The keyed hashes under which one licence is found. */
export type LicenceIndices = {
  readonly series: Indexed
  readonly alias: Indexed | undefined
  readonly number: Indexed
  readonly holders: readonly HolderIndices[]
}
export type HolderIndices = { readonly holder: Indexed; readonly name: Indexed }

/**
 * Hashes of a licence's identifier without version, number and holders. `alias` is a whole identifier
 * with a wrong check character, by which the department still knows the licence.
 */
export const indexLicence = (
  keys: Pick<DataKeys, 'index'>,
  content: Pick<LicenceContent, 'identifier' | 'number' | 'holders'>,
  alias?: string,
): LicenceIndices => ({
  series: keys.index('identifier', seriesText(content.identifier)),
  alias: alias === undefined ? undefined : keys.index('identifier', alias),
  number: keys.index('number', content.number),
  holders: content.holders.map((holder) => ({
    holder: keys.index('holder', holderText(holder)),
    name: keys.index('name', foldName(holder.name)),
  })),
})

/** The same under every valid key, current first. */
export const indexLicenceAll = (
  keys: Pick<DataKeys, 'indexAll'>,
  content: Pick<LicenceContent, 'identifier' | 'number' | 'holders'>,
  alias?: string,
): readonly LicenceIndices[] =>
  keys.indexAll('number', content.number).map((_, at) => {
    const index = (kind: IndexKind, text: string): Indexed => {
      const found = keys.indexAll(kind, text)[at]
      if (found === undefined) throw new RangeError('data keys changed while they were used')
      return found
    }
    return indexLicence({ index }, content, alias)
  })

/** What is hashed of a holder. */
export const holderText = ({ idType, id }: Pick<Holder, 'idType' | 'id'>): string =>
  `${idType}:${foldHolderId(idType, id)}`

/** What is hashed of an identifier: all versions of a licence share it. */
export const seriesText = (identifier: string): string => {
  const parts: LicenceIdentifier | undefined = parseLicenceIdentifier(identifier)
  return parts === undefined ? identifier : seriesOf(parts)
}
