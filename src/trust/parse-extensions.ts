import { DerError, derList, derStructure, readDer, type DerNode } from '../crypto/read-der.ts'
import { readBoolean, readOctetString, readOid } from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'

export type Extension = {
  readonly id: string
  readonly critical: boolean
  /** Contents of the OCTET STRING. */
  readonly value: Uint8Array
}

/** Extensions in their order; repeated ones are kept, so that the judge can see them. */
export const parseExtensions = (node: DerNode): readonly Extension[] => {
  const extensions = derList(node, derTag.sequence).map(parseExtension)
  if (extensions.length === 0) throw new DerError('der_value', 'empty Extensions')
  return extensions
}

const parseExtension = (node: DerNode): Extension =>
  derStructure(node, (reader) => {
    const id = readOid(reader.next())
    const criticality = reader.optional(derTag.boolean)
    const critical = criticality !== undefined && readBoolean(criticality)
    if (criticality !== undefined && !critical) throw new DerError('der_default_encoded', id)
    return { id, critical, value: readOctetString(reader.next()) }
  })

/** What a table of decoders found in a list of extensions. */
export type DecodedExtensions<T> = {
  readonly values: Partial<T>
  readonly malformed: readonly string[]
  readonly repeated: readonly string[]
  /** Critical ones without a decoder. */
  readonly unknownCritical: readonly string[]
}

export type ExtensionDecoders<T> = Readonly<Record<string, (value: DerNode) => Partial<T>>>

/** Decodes each known extension once; what cannot be decoded is listed, not thrown. */
export const decodeExtensions = <T extends object>(
  extensions: readonly Extension[],
  decoders: ExtensionDecoders<T>,
): DecodedExtensions<T> => {
  const ids = extensions.map(({ id }) => id)
  const malformed: string[] = []
  let values: Partial<T> = {}
  for (const extension of extensions) {
    const decoded = decodeOne(extension, decoders)
    if (decoded === undefined) malformed.push(extension.id)
    else values = { ...values, ...decoded }
  }
  return {
    values,
    malformed,
    repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
    unknownCritical: extensions
      .filter(({ id, critical }) => critical && decoders[id] === undefined)
      .map(({ id }) => id),
  }
}

const decodeOne = <T extends object>(
  { id, value }: Extension,
  decoders: ExtensionDecoders<T>,
): Partial<T> | undefined => {
  const decode = decoders[id]
  if (decode === undefined) return {}
  try {
    return decode(readDer(value))
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
