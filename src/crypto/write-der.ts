/** Tags of the universal types that X.509, CMS and SES use, with the constructed bit where DER sets it. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** One TLV with a single-byte tag. */
export const derTlv = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  return Buffer.concat([Uint8Array.of(tag), lengthOctets(length), ...contents])
}

export const derSequence = (...parts: readonly Uint8Array[]): Uint8Array =>
  derTlv(derTag.sequence, ...parts)

/** SET OF: DER sorts the encodings. */
export const derSetOf = (...parts: readonly Uint8Array[]): Uint8Array =>
  derTlv(derTag.set, ...[...parts].sort((a, b) => Buffer.compare(a, b)))

/** INTEGER of a non-negative number, or of big-endian unsigned bytes. */
export const derInteger = (value: number | bigint | Uint8Array): Uint8Array => {
  const bytes = value instanceof Uint8Array ? value : bytesOfNumber(BigInt(value))
  const first = bytes.findIndex((byte) => byte !== 0)
  const minimal = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  const sign = (minimal[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array()
  return derTlv(derTag.integer, sign, minimal)
}

/** OBJECT IDENTIFIER from dotted text; arcs of any size. */
export const derOid = (dotted: string): Uint8Array => {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  return derTlv(derTag.oid, ...[first * 40n + second, ...rest].map(base128))
}

/** BIT STRING of whole octets, or with `unusedBits` at the end. */
export const derBitString = (bytes: Uint8Array, unusedBits = 0): Uint8Array =>
  derTlv(derTag.bitString, Uint8Array.of(unusedBits), bytes)

/** BIT STRING with named bits: DER drops trailing zero bits. */
export const derNamedBits = (bits: readonly number[]): Uint8Array => {
  if (bits.length === 0) return derBitString(new Uint8Array())
  const last = Math.max(...bits)
  const bytes = new Uint8Array((last >> 3) + 1)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return derBitString(bytes, 7 - (last & 7))
}

export const derOctetString = (bytes: Uint8Array): Uint8Array => derTlv(derTag.octetString, bytes)

export const derBoolean = (value: boolean): Uint8Array =>
  derTlv(derTag.boolean, Uint8Array.of(value ? 0xff : 0))

export const derNull = (): Uint8Array => derTlv(derTag.null)

/** A string type by its tag; `text` must fit the type's alphabet. */
export const derString = (
  tag:
    | typeof derTag.utf8String
    | typeof derTag.printableString
    | typeof derTag.ia5String
    | typeof derTag.visibleString,
  text: string,
): Uint8Array => derTlv(tag, Buffer.from(text, 'utf8'))

/** Time as RFC 5280 writes it: UTCTime through 2049, GeneralizedTime after; whole seconds. */
export const derTime = (instant: Date): Uint8Array => {
  const digits = instant.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  const year = instant.getUTCFullYear()
  return year >= 1950 && year < 2050
    ? derTlv(derTag.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : derTlv(derTag.generalizedTime, Buffer.from(`${digits}Z`))
}

/** GeneralizedTime in whole seconds. */
export const derGeneralizedTime = (instant: Date): Uint8Array =>
  derTlv(
    derTag.generalizedTime,
    Buffer.from(`${instant.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`),
  )

/** `[n]` constructed: an explicit tag, or an implicit one over a constructed type. */
export const derContext = (number: number, ...contents: readonly Uint8Array[]): Uint8Array =>
  derTlv(0xa0 | number, ...contents)

/** `[n]` primitive: an implicit tag over a primitive type. */
export const derContextPrimitive = (number: number, content: Uint8Array): Uint8Array =>
  derTlv(0x80 | number, content)

const lengthOctets = (length: number): Uint8Array => {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes = bytesOfNumber(BigInt(length))
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

const bytesOfNumber = (value: bigint): Uint8Array => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

const base128 = (arc: bigint): Uint8Array => {
  const groups = [Number(arc & 0x7fn)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) groups.unshift(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from(groups)
}
