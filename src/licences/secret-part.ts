import type { DataKeys, Sealed } from '../store/data-keys.ts'
import { decodeSecretPart, encodeSecretPart, type SecretPart } from './encode-secret-part.ts'

/** The row that a secret part belongs to; it opens in no other. */
export type SecretRow = {
  readonly licenceId: string
  readonly version: string
  readonly certificateId: string
}

/** Encrypts the disclosures of one licence. */
export const sealSecretPart = (
  keys: Pick<DataKeys, 'current' | 'seal'>,
  row: SecretRow,
  part: SecretPart,
): Sealed => keys.seal(encodeSecretPart(part), contextOf(row, keys.current.keyId))

/** @throws CryptoError when blob or row were changed. */
export const openSecretPart = (
  keys: Pick<DataKeys, 'open'>,
  row: SecretRow,
  { blob, keyId }: { readonly blob: Uint8Array; readonly keyId: string },
): SecretPart => decodeSecretPart(keys.open(blob, keyId, contextOf(row, keyId)))

const contextOf = ({ licenceId, version, certificateId }: SecretRow, keyId: string): Uint8Array =>
  Buffer.from(`${licenceId}|${version}|${keyId}|${certificateId}`)
