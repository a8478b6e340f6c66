import { CryptoError } from '../crypto/crypto-error.ts'

/**
 * Shortens the canonical JSON of an event before it is encrypted, losing nothing: member names and usual
 * values become one byte, ids and digests their raw bytes. The codes are bytes that canonical JSON in
 * UTF-8 never has: control characters (it escapes them) and 0xf5 to 0xff. What the code table does not
 * know stays as it is, so any event can be packed.
 */
export const packEvent = (event: Uint8Array): Uint8Array => {
  const text = Buffer.from(event).toString('latin1')
  return Buffer.concat([packedFormat, Buffer.from(text.replace(packable, shorten), 'latin1')])
}

/** @throws CryptoError blob_malformed */
export const unpackEvent = (packed: Uint8Array): Uint8Array => {
  if (packed[0] !== packedFormat[0]) throw new CryptoError('blob_malformed', 'unknown format')
  const bytes = Buffer.from(packed.buffer, packed.byteOffset + 1, packed.length - 1)
  const text = bytes.toString('latin1').replace(unpackable, lengthen)
  return Buffer.from(text, 'latin1')
}

const packedFormat = Buffer.of(1)

const uuidCode = '\x01'
const digestCode = '\x02'
const hashCode = '\x03'

/** Never reordered and never changed: stored events are read with it. A new table is a new format. */
const words = [
  '{"action":"case.check","assurance":"registered","at":"',
  '{"action":"case.fetch","assurance":"registered","at":"',
  '{"action":"',
  '","assurance":"',
  '"at":"',
  '+08:00","caseId":"',
  '","certificateId":',
  ',"cityDate":"',
  '","clientId":"',
  '","clientSequence":"',
  '","code":"',
  '","decision":"allowed',
  '","decision":"',
  '","detail":{"',
  '","itemCode":"',
  '","itemVersion":',
  ',"lastReceiptNo":"',
  ',"legalBasis":"',
  '","licences":[',
  '{"fields":["',
  '"],"licenceId":"',
  '","status":"active","statusAsOf":"',
  '","statusSource":"stock","version":"001"}',
  '","statusSource":"',
  '","statusAsOf":"',
  '","version":"',
  ',"no":"',
  '","operatorAsserted":true,"operatorId":"',
  '","operatorAsserted":',
  ',"operatorId":"',
  '","requestDigest":"',
  '","responseDigest":"',
  '","status":200}',
  '","status":',
  '","status":"',
  '+08:00',
  '"},{"',
  '","',
  '":"',
] as const

/** 0x04 to 0x1f, then 0xf5 upwards. */
const codeOf = (at: number): string => String.fromCharCode(at < 28 ? at + 4 : at - 28 + 0xf5)

const codes: ReadonlyMap<string, string> = new Map(words.map((word, at) => [word, codeOf(at)]))
const wordsByCode: ReadonlyMap<string, string> = new Map(
  words.map((word, at) => [codeOf(at), word]),
)

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

const packable = new RegExp(
  [
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    'sha-256:[\\w-]{43}(?![\\w-])',
    '"[\\w-]{43}"',
    ...[...words].sort((a, b) => b.length - a.length).map(escapeRegExp),
  ].join('|'),
  'g',
)

const unpackable = /\x01[^]{16}|\x02[^]{32}|\x03[^]{32}|[\x04-\x1f\xf5-\xff]/g

const shorten = (found: string): string => {
  const code = codes.get(found)
  if (code !== undefined) return code
  if (found.startsWith('sha-256:')) return rawHash(found, digestCode, found.slice(8))
  if (found.startsWith('"')) return rawHash(found, hashCode, found.slice(1, -1))
  return uuidCode + Buffer.from(found.replaceAll('-', ''), 'hex').toString('latin1')
}

/** Only the text that its 32 bytes give back may be replaced by them. */
const rawHash = (found: string, code: string, text: string): string => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? code + bytes.toString('latin1') : found
}

const lengthen = (found: string): string => {
  const word = wordsByCode.get(found)
  if (word !== undefined) return word
  const bytes = Buffer.from(found.slice(1), 'latin1')
  const code = found.charAt(0)
  if (code === digestCode) return `sha-256:${bytes.toString('base64url')}`
  if (code === hashCode) return `"${bytes.toString('base64url')}"`
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
