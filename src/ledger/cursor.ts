import { GatewayError } from '../contract/error.ts'
import { decodeBase64Url, encodeBase64Url } from '../crypto/base64url.ts'

/** An opaque text for the place after which the next page begins. */
export const writeCursor = (parts: readonly (string | number)[]): string =>
  encodeBase64Url(Buffer.from(JSON.stringify(parts)))

/**
 * The parts of a cursor, as many strings and numbers as `writeCursor` got.
 * @throws GatewayError bad_cursor
 */
export const readCursor = (cursor: string): readonly (string | number)[] => {
  const parts = parse(cursor)
  if (Array.isArray(parts) && parts.every(isPart)) return parts
  throw new GatewayError('bad_cursor')
}

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(decodeBase64Url(cursor)).toString())
  } catch (cause) {
    throw new GatewayError('bad_cursor', undefined, { cause })
  }
}

const isPart = (part: unknown): part is string | number =>
  (typeof part === 'string' && !part.includes('\0')) || Number.isSafeInteger(part)
