import { DerError } from '../crypto/read-der.ts'

/** The parsed value, or undefined where the bytes are not well-formed. */
export const tryParse = <T>(der: Uint8Array, parse: (der: Uint8Array) => T): T | undefined => {
  try {
    return parse(der)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
