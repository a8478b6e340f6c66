import { DerError, type DerNode } from '../crypto/read-der.ts'
import { derTag } from '../crypto/write-der.ts'

/**
 * Text of an ASN.1 string, undefined for other types.
 * @throws DerError for octets that the type cannot hold.
 */
export const decodeString = (node: DerNode): string | undefined =>
  decoders[node.tag]?.(node.content)

/** IA5String octets as text. @throws DerError beyond ASCII. */
export const decodeAscii = (bytes: Uint8Array): string => {
  if (bytes.some((byte) => byte >= 0x80)) throw new DerError('der_string', 'not ASCII')
  return Buffer.from(bytes).toString('latin1')
}

const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new DerError('der_string', 'not UTF-8')
  }
}

const decodeUtf16 = (bytes: Uint8Array): string => {
  if (bytes.length % 2 !== 0) throw new DerError('der_string', 'odd BMPString')
  return Buffer.from(bytes).swap16().toString('utf16le')
}

const decodeUtf32 = (bytes: Uint8Array): string => {
  if (bytes.length % 4 !== 0) throw new DerError('der_string', 'UniversalString')
  const view = Buffer.from(bytes)
  let text = ''
  for (let at = 0; at < view.length; at += 4) {
    const point = view.readUInt32BE(at)
    if (point > 0x10ffff) throw new DerError('der_string', 'UniversalString')
    text += String.fromCodePoint(point)
  }
  return text
}

const decoders: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  [derTag.utf8String]: decodeUtf8,
  [derTag.numericString]: decodeAscii,
  [derTag.printableString]: decodeAscii,
  [derTag.ia5String]: decodeAscii,
  [derTag.visibleString]: decodeAscii,
  [derTag.teletexString]: (bytes) => Buffer.from(bytes).toString('latin1'),
  [derTag.bmpString]: decodeUtf16,
  [derTag.universalString]: decodeUtf32,
}
