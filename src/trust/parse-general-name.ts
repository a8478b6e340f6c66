import { DerError, derExplicit, derList, derMembers, type DerNode } from '../crypto/read-der.ts'
import { readOid } from '../crypto/read-der-value.ts'
import { decodeAscii } from './decode-string.ts'
import { parseName, type ParsedName } from './parse-name.ts'

/** RFC 5280 §4.2.1.6. Names of kinds that nothing here compares keep their encoding. */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'directory'; readonly name: ParsedName }
  | {
      readonly kind: 'ip' | 'registeredId' | 'other' | 'x400' | 'edi'
      /** Octets of an address; of any other kind the whole encoding. */
      readonly octets: Uint8Array
    }

export type GeneralNameKind = GeneralName['kind']

/** Parses one GeneralName. @throws DerError */
export const parseGeneralName = (node: DerNode): GeneralName => {
  const parse = parsers[node.tag]
  if (parse === undefined) throw new DerError('der_tag', 'GeneralName')
  return parse(node)
}

/** Parses the members of GeneralNames (SIZE 1..MAX), whatever its tag. @throws DerError */
export const parseGeneralNames = (node: DerNode): readonly GeneralName[] => {
  const names = derList(node).map(parseGeneralName)
  if (names.length === 0) throw new DerError('der_value', 'empty GeneralNames')
  return names
}

/** True when both are the same name; kinds without a comparison rule never are, except by octets. */
export const isSameGeneralName = (a: GeneralName, b: GeneralName): boolean =>
  comparable(a) === comparable(b)

const comparable = (name: GeneralName): string => {
  if (name.kind === 'directory') return `directory ${name.name.key}`
  if (name.kind === 'dns') return `dns ${name.text.toLowerCase()}`
  if ('text' in name) return `${name.kind} ${name.text}`
  return `${name.kind} ${Buffer.from(name.octets).toString('hex')}`
}

const text =
  (kind: 'email' | 'dns' | 'uri') =>
  (node: DerNode): GeneralName => ({ kind, text: decodeAscii(node.content) })

const parsers: Readonly<Record<number, (node: DerNode) => GeneralName>> = {
  0xa0: (node) => {
    const reader = derMembers(node)
    readOid(reader.next())
    reader.next(0xa0)
    reader.end()
    return { kind: 'other', octets: node.encoding }
  },
  0x81: text('email'),
  0x82: text('dns'),
  0xa3: (node) => ({ kind: 'x400', octets: node.encoding }),
  0xa4: (node) => ({ kind: 'directory', name: parseName(derExplicit(node)) }),
  0xa5: (node) => ({ kind: 'edi', octets: node.encoding }),
  0x86: text('uri'),
  0x87: (node) => ({ kind: 'ip', octets: node.content }),
  0x88: (node) => {
    readOid(node, 0x88)
    return { kind: 'registeredId', octets: node.encoding }
  },
}
