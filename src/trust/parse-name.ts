import { derList, derStructure, DerError, type DerNode } from '../crypto/read-der.ts'
import { readOid } from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { decodeString } from './decode-string.ts'
import { oid } from './oid.ts'

export type NameAttribute = {
  readonly type: string
  /** Decoded text, undefined where the value is not a string of a known kind. */
  readonly text: string | undefined
}

/** One RelativeDistinguishedName; equal keys are equal names under RFC 5280 §7.1. */
export type RelativeName = { readonly key: string; readonly attributes: readonly NameAttribute[] }

export type ParsedName = {
  readonly encoding: Uint8Array
  readonly rdns: readonly RelativeName[]
  /** Equal keys are equal names under RFC 5280 §7.1. */
  readonly key: string
}

/** Parses a Name. @throws DerError */
export const parseName = (node: DerNode): ParsedName => {
  if (node.tag !== derTag.sequence) throw new DerError('der_tag', 'Name')
  const rdns = derList(node, derTag.set).map(parseRelativeName)
  return { encoding: node.encoding, rdns, key: JSON.stringify(rdns.map((rdn) => rdn.key)) }
}

/** Parses the members of a SET OF AttributeTypeAndValue, whatever its tag (nameRelativeToCRLIssuer). */
export const parseRelativeName = (node: DerNode): RelativeName => {
  const parts = derList(node, derTag.sequence).map(parseAttribute)
  if (parts.length === 0) throw new DerError('der_value', 'empty RDN')
  const keys = parts.map((part) => part.key).sort()
  return {
    key: keys.length === 1 ? (keys[0] ?? '') : JSON.stringify(keys),
    attributes: parts.map((part) => part.attribute),
  }
}

/** The name that a nameRelativeToCRLIssuer stands for: the issuer's name and one more RDN. */
export const extendName = (base: ParsedName, rdn: RelativeName): ParsedName => {
  const rdns = [...base.rdns, rdn]
  return { encoding: base.encoding, rdns, key: JSON.stringify(rdns.map((each) => each.key)) }
}

/** True when `name` lies in the subtree of `base`, RDN by RDN from the root. */
export const isWithinName = (name: ParsedName, base: ParsedName): boolean =>
  base.rdns.length <= name.rdns.length &&
  base.rdns.every((rdn, index) => rdn.key === name.rdns[index]?.key)

/** Texts of all attributes of one type, in order. */
export const attributeTexts = (name: ParsedName, type: string): readonly string[] =>
  name.rdns.flatMap((rdn) =>
    rdn.attributes.flatMap((each) =>
      each.type === type && each.text !== undefined ? [each.text] : [],
    ),
  )

/** Short readable form for messages and reports, e.g. `C=CN, CN=证桥`. */
export const nameText = (name: ParsedName): string =>
  name.rdns
    .flatMap((rdn) => rdn.attributes)
    .map(({ type, text }) => `${shortNames[type] ?? type}=${text ?? '#'}`)
    .join(', ')

const shortNames: Readonly<Record<string, string>> = {
  [oid.countryName]: 'C',
  [oid.stateOrProvinceName]: 'ST',
  [oid.localityName]: 'L',
  [oid.organizationName]: 'O',
  [oid.organizationalUnitName]: 'OU',
  [oid.organizationIdentifier]: 'organizationIdentifier',
  [oid.commonName]: 'CN',
  [oid.serialNumber]: 'serialNumber',
  [oid.emailAddress]: 'emailAddress',
}

const parseAttribute = (node: DerNode): { key: string; attribute: NameAttribute } =>
  derStructure(node, (reader) => {
    const type = readOid(reader.next())
    const value = reader.next()
    const text = decodeString(value)
    const comparable =
      text === undefined
        ? `#${Buffer.from(value.encoding).toString('hex')}`
        : `=${preparedForMatching(text)}`
    return { key: `${type}${comparable}`, attribute: { type, text } }
  })

/** RFC 4518 as RFC 5280 §7.1 uses it: compatibility form, case folded, spaces trimmed and collapsed. */
const preparedForMatching = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\u00ad\u1806\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
