import { DerError, type DerNode } from './read-der.ts'
import { derTag } from './write-der.ts'

const requireTag = (node: DerNode, tag: number): void => {
  if (node.tag !== tag) throw new DerError('der_tag', `expected tag ${String(tag)}`)
}

/** BOOLEAN: DER knows 0x00 and 0xFF only. */
export const readBoolean = (node: DerNode): boolean => {
  requireTag(node, derTag.boolean)
  const [value] = node.content
  if (node.content.length !== 1 || (value !== 0 && value !== 0xff))
    throw new DerError('der_boolean')
  return value === 0xff
}

/** Two's complement octets of an INTEGER, minimal. `tag` for implicitly tagged ones. */
export const readIntegerBytes = (node: DerNode, tag: number = derTag.integer): Uint8Array => {
  requireTag(node, tag)
  const [first, second] = node.content
  if (first === undefined) throw new DerError('der_integer', 'empty integer')
  if (second !== undefined && isPadding(first, second)) {
    throw new DerError('der_integer', 'integer is not minimal')
  }
  return node.content
}

/** INTEGER of any size. */
export const readBigInteger = (node: DerNode, tag: number = derTag.integer): bigint => {
  const bytes = readIntegerBytes(node, tag)
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  return (bytes[0] ?? 0) >= 0x80 ? unsigned - (1n << BigInt(8 * bytes.length)) : unsigned
}

/** Non-negative INTEGER that fits 31 bits, e.g. a version or a path length. */
export const readSmallInteger = (node: DerNode, tag: number = derTag.integer): number => {
  const bytes = readIntegerBytes(node, tag)
  if ((bytes[0] ?? 0) >= 0x80 || bytes.length > 4) throw new DerError('der_integer', 'out of range')
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}

/** OBJECT IDENTIFIER as dotted text. */
export const readOid = (node: DerNode, tag: number = derTag.oid): string => {
  requireTag(node, tag)
  const arcs = readArcs(node.content)
  const [first = 0n] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...arcs.slice(1)].join('.')
}

export type BitString = { readonly bytes: Uint8Array; readonly unusedBits: number }

/** BIT STRING; unused bits must be zero. */
export const readBitString = (node: DerNode, tag: number = derTag.bitString): BitString => {
  requireTag(node, tag)
  const [unusedBits] = node.content
  const bytes = node.content.subarray(1)
  if (unusedBits === undefined || unusedBits > 7) throw new DerError('der_bit_string')
  const last = bytes.at(-1)
  if (last === undefined ? unusedBits !== 0 : (last & ((1 << unusedBits) - 1)) !== 0) {
    throw new DerError('der_bit_string', 'unused bits are set')
  }
  return { bytes, unusedBits }
}

/** BIT STRING of whole octets: keys and signatures. */
export const readOctetAlignedBits = (node: DerNode, tag: number = derTag.bitString): Uint8Array => {
  const { bytes, unusedBits } = readBitString(node, tag)
  if (unusedBits !== 0) throw new DerError('der_bit_string', 'not whole octets')
  return bytes
}

/** Named bits of a BIT STRING as the set of bit numbers; DER forbids trailing zero bits. */
export const readNamedBits = (
  node: DerNode,
  tag: number = derTag.bitString,
): ReadonlySet<number> => {
  const { bytes, unusedBits } = readBitString(node, tag)
  const bits = new Set<number>()
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) bits.add(index * 8 + bit)
  })
  const last = bytes.length * 8 - unusedBits - 1
  if (bytes.length > 0 && !bits.has(last))
    throw new DerError('der_bit_string', 'trailing zero bits')
  return bits
}

export const readOctetString = (node: DerNode, tag: number = derTag.octetString): Uint8Array => {
  requireTag(node, tag)
  return node.content
}

export const readNull = (node: DerNode): void => {
  requireTag(node, derTag.null)
  if (node.content.length !== 0) throw new DerError('der_null')
}

/** UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 writes them: seconds, `Z`, no fraction. */
export const readTime = (node: DerNode): Date => {
  const text = Buffer.from(node.content).toString('latin1')
  if (node.tag === derTag.utcTime && /^\d{12}Z$/.test(text)) {
    return calendarTime(`${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`)
  }
  if (node.tag === derTag.generalizedTime && /^\d{14}Z$/.test(text)) return calendarTime(text)
  throw new DerError('der_time')
}

const calendarTime = (text: string): Date => {
  const iso = text.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z')
  const instant = new Date(iso)
  // Date rolls 31 February over; the round trip refuses it.
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== iso)
    throw new DerError('der_time')
  return instant
}

const isPadding = (first: number, second: number): boolean =>
  (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)

const oidBytesMax = 128

const readArcs = (content: Uint8Array): readonly bigint[] => {
  if (content.length === 0 || content.length > oidBytesMax) throw new DerError('der_oid')
  const arcs: bigint[] = []
  let arc = 0n
  let started = false
  for (const byte of content) {
    if (!started && byte === 0x80) throw new DerError('der_oid', 'arc is not minimal')
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    started = (byte & 0x80) !== 0
    if (started) continue
    arcs.push(arc)
    arc = 0n
  }
  if (started) throw new DerError('der_oid', 'truncated arc')
  return arcs
}
