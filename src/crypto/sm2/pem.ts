import { decodeBase64 } from '../base64url.ts'
import { CryptoError } from '../crypto-error.ts'

/** PEM text of one DER object, 64 characters a line. */
export const writePem = (label: string, der: Uint8Array): string => {
  const text = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')
  return `-----BEGIN ${label}-----\n${text.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
}

export type PemBlock = { readonly label: string; readonly der: Uint8Array }

/**
 * Reads a text of exactly one PEM block with nothing but white space around it.
 * @throws CryptoError key_malformed
 */
export const readPem = (text: string): PemBlock => {
  const match = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\s([^-]*)-----END ([A-Z0-9 ]+)-----\s*$/.exec(text)
  const [, label = '', body = '', end = ''] = match ?? []
  if (match === null || label !== end) throw new CryptoError('key_malformed', 'not one PEM block')
  try {
    return { label, der: decodeBase64(body.replace(/\s/g, '')) }
  } catch (cause) {
    throw new CryptoError('key_malformed', 'PEM block is not base64', { cause })
  }
}
