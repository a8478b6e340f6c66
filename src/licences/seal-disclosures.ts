import type { DataKeys, Sealed } from '../store/data-keys.ts'
import type { Disclosure } from './credential.ts'
import { decodeDisclosures, encodeDisclosures } from './disclosure-blob.ts'

/** The row that a blob of disclosures belongs to; it opens in no other. */
export type DisclosureRow = {
  readonly licenceId: string
  readonly version: string
  readonly certificateId: string
}

/** Encrypts the disclosures of one licence. */
export const sealDisclosures = (
  keys: Pick<DataKeys, 'current' | 'seal'>,
  row: DisclosureRow,
  disclosures: readonly Disclosure[],
): Sealed => keys.seal(encodeDisclosures(disclosures), contextOf(row, keys.current.keyId))

/** @throws CryptoError when blob or row were changed. */
export const openDisclosures = (
  keys: Pick<DataKeys, 'open'>,
  row: DisclosureRow,
  { blob, keyId }: Pick<Sealed, 'keyId'> & { readonly blob: Uint8Array },
): readonly Disclosure[] => decodeDisclosures(keys.open(blob, keyId, contextOf(row, keyId)))

const contextOf = (row: DisclosureRow, keyId: string): Uint8Array =>
  Buffer.from(`${row.licenceId}|${row.version}|${keyId}|${row.certificateId}`)
