export type DerErrorCode =
  | 'der_truncated'
  | 'der_trailing_bytes'
  | 'der_length'
  | 'der_tag'
  | 'der_missing'
  | 'der_boolean'
  | 'der_integer'
  | 'der_bit_string'
  | 'der_oid'
  | 'der_null'
  | 'der_time'
  | 'der_string'
  | 'der_default_encoded'
  | 'der_value'

/** The only error of the DER readers: input that is not DER, or not of the expected type. */
export class DerError extends Error {
  override readonly name = 'DerError'
  readonly code: DerErrorCode

  constructor(code: DerErrorCode, message: string = code) {
    super(message)
    this.code = code
  }
}

/** One TLV: its single tag byte, its whole encoding and its contents, as views of the input. */
export type DerNode = {
  readonly tag: number
  readonly encoding: Uint8Array
  readonly content: Uint8Array
}

/** Reads the members of a constructed value in order; every deviation throws DerError. */
export type DerReader = {
  /** The tag of the next member, undefined at the end. */
  readonly peek: () => number | undefined
  /** The next member, of this tag if one is given. */
  readonly next: (tag?: number) => DerNode
  /** The next member if it has this tag. */
  readonly optional: (tag: number) => DerNode | undefined
  readonly atEnd: () => boolean
  /** @throws DerError der_trailing_bytes unless every member was read. */
  readonly end: () => void
}

/** Parses exactly one TLV: definite minimal length, tag numbers below 31, nothing behind it. */
export const readDer = (bytes: Uint8Array, tag?: number): DerNode => {
  const node = readTlv(bytes, 0)
  if (node.encoding.length !== bytes.length) throw new DerError('der_trailing_bytes')
  return expectTag(node, tag)
}

/** Reader over the members of a constructed node. */
export const derMembers = (node: DerNode): DerReader => readerOver(node.content)

/** All members of a constructed node, each of this tag if one is given. */
export const derList = (node: DerNode, tag?: number): readonly DerNode[] => {
  const members: DerNode[] = []
  for (const reader = derMembers(node); !reader.atEnd();) members.push(reader.next(tag))
  return members
}

/** Reads one constructed value with `read` and requires that nothing is left. */
export const derStructure = <T>(node: DerNode, read: (reader: DerReader) => T): T => {
  const reader = derMembers(node)
  const value = read(reader)
  reader.end()
  return value
}

/** The one member of an explicit tag. */
export const derExplicit = (node: DerNode, tag?: number): DerNode => readDer(node.content, tag)

const readerOver = (content: Uint8Array): DerReader => {
  let offset = 0
  const next = (tag?: number): DerNode => {
    if (offset >= content.length) throw new DerError('der_missing')
    const node = expectTag(readTlv(content, offset), tag)
    offset += node.encoding.length
    return node
  }
  return {
    next,
    peek: () => content[offset],
    optional: (tag) => (content[offset] === tag ? next(tag) : undefined),
    atEnd: () => offset >= content.length,
    end: () => {
      if (offset < content.length) throw new DerError('der_trailing_bytes')
    },
  }
}

const expectTag = (node: DerNode, tag: number | undefined): DerNode => {
  if (tag !== undefined && node.tag !== tag) {
    throw new DerError('der_tag', `expected tag ${String(tag)}, found ${String(node.tag)}`)
  }
  return node
}

const readTlv = (bytes: Uint8Array, start: number): DerNode => {
  const tag = byteAt(bytes, start)
  if ((tag & 0x1f) === 0x1f) throw new DerError('der_tag', 'multi-byte tag')
  const { length, headerLength } = readLength(bytes, start + 1)
  const contentStart = start + 1 + headerLength
  const end = contentStart + length
  if (end > bytes.length) throw new DerError('der_truncated')
  return {
    tag,
    encoding: bytes.subarray(start, end),
    content: bytes.subarray(contentStart, end),
  }
}

const readLength = (bytes: Uint8Array, at: number): { length: number; headerLength: number } => {
  const first = byteAt(bytes, at)
  if (first < 0x80) return { length: first, headerLength: 1 }
  const octets = first & 0x7f
  if (octets === 0 || octets > 4) throw new DerError('der_length', 'indefinite or oversize length')
  let length = 0
  for (let i = 1; i <= octets; i++) length = length * 256 + byteAt(bytes, at + i)
  const minimum = octets === 1 ? 0x80 : 2 ** (8 * (octets - 1))
  if (length < minimum) throw new DerError('der_length', 'length is not minimal')
  return { length, headerLength: 1 + octets }
}

const byteAt = (bytes: Uint8Array, at: number): number => {
  const byte = bytes[at]
  if (byte === undefined) throw new DerError('der_truncated')
  return byte
}

/** True for a tag with the constructed bit. */
export const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0
