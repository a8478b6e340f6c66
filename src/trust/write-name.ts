import { derOid, derSequence, derSetOf, derString, derTag } from '../crypto/write-der.ts'
import { oid } from './oid.ts'

const attributes = [
  'countryName',
  'stateOrProvinceName',
  'localityName',
  'organizationName',
  'organizationalUnitName',
  'organizationIdentifier',
  'serialNumber',
  'commonName',
] as const

/** A distinguished name by attribute; written in the order of the X.520 list above. */
export type NameFields = { readonly [A in (typeof attributes)[number]]?: string }

/** DER of a Name: one attribute an RDN; countryName and serialNumber PrintableString, else UTF8String. */
export const writeName = (fields: NameFields): Uint8Array =>
  derSequence(
    ...attributes.flatMap((attribute) => {
      const value = fields[attribute]
      return value === undefined ? [] : [relativeName(attribute, value)]
    }),
  )

const relativeName = (attribute: (typeof attributes)[number], value: string): Uint8Array => {
  const printable = attribute === 'countryName' || attribute === 'serialNumber'
  const text = derString(printable ? derTag.printableString : derTag.utf8String, value)
  return derSetOf(derSequence(derOid(oid[attribute]), text))
}
