import { CryptoError } from './crypto-error.ts'

/** base64url without padding (RFC 4648 §5). */
export const encodeBase64Url = (bytes: Uint8Array): string =>
  bufferOver(bytes).toString('base64url')

/** base64 with padding (RFC 4648 §4). */
export const encodeBase64 = (bytes: Uint8Array): string => bufferOver(bytes).toString('base64')

/**
 * Decodes the one text that encodeBase64Url writes for these bytes: no padding, no white space, no
 * other alphabet, unused bits zero.
 * @throws CryptoError bad_base64url
 */
export const decodeBase64Url = (text: string): Uint8Array => decodeExactly(text, 'base64url')

/**
 * Decodes canonical, padded base64, as x5c members and signed notes carry it.
 * @throws CryptoError bad_base64url
 */
export const decodeBase64 = (text: string): Uint8Array => decodeExactly(text, 'base64')

/** Node's decoder skips what it does not know; writing the bytes back shows whether it skipped. */
const decodeExactly = (text: string, encoding: 'base64' | 'base64url'): Buffer => {
  const bytes = Buffer.from(text, encoding)
  if (bytes.toString(encoding) !== text)
    throw new CryptoError('bad_base64url', `not canonical ${encoding}`)
  return bytes
}

const bufferOver = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
