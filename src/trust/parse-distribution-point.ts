import { DerError, derExplicit, derList, derStructure, type DerNode } from '../crypto/read-der.ts'
import { readNamedBits } from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { parseGeneralNames, type GeneralName } from './parse-general-name.ts'
import { parseRelativeName, type RelativeName } from './parse-name.ts'

export type DistributionPointName =
  | { readonly kind: 'full'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'relative'; readonly rdn: RelativeName }

export type DistributionPoint = {
  readonly name: DistributionPointName | undefined
  /** Bit numbers of ReasonFlags, undefined for all. */
  readonly reasons: ReadonlySet<number> | undefined
  readonly crlIssuer: readonly GeneralName[] | undefined
}

/** Parses CRLDistributionPoints. @throws DerError */
export const parseDistributionPoints = (node: DerNode): readonly DistributionPoint[] => {
  const points = derList(node, derTag.sequence).map(parsePoint)
  if (points.length === 0) throw new DerError('der_value', 'empty CRLDistributionPoints')
  return points
}

/** Parses the content of an explicit DistributionPointName. @throws DerError */
export const parsePointName = (node: DerNode): DistributionPointName => {
  const choice = derExplicit(node)
  if (choice.tag === 0xa0) return { kind: 'full', names: parseGeneralNames(choice) }
  if (choice.tag === 0xa1) return { kind: 'relative', rdn: parseRelativeName(choice) }
  throw new DerError('der_tag', 'DistributionPointName')
}

const parsePoint = (node: DerNode): DistributionPoint =>
  derStructure(node, (reader) => {
    const name = reader.optional(0xa0)
    const reasons = reader.optional(0x81)
    const crlIssuer = reader.optional(0xa2)
    // RFC 5280 §4.2.1.13: a point MUST NOT consist of only the reasons field.
    if (name === undefined && crlIssuer === undefined) {
      throw new DerError('der_value', 'distribution point without name and issuer')
    }
    return {
      name: name && parsePointName(name),
      reasons: reasons && readNamedBits(reasons, 0x81),
      crlIssuer: crlIssuer && parseGeneralNames(crlIssuer),
    }
  })
