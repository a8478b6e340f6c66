import { DerError, derList, derStructure, type DerNode } from '../crypto/read-der.ts'
import {
  readBoolean,
  readIntegerBytes,
  readNamedBits,
  readNull,
  readOctetString,
  readOid,
  readSmallInteger,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { oid } from './oid.ts'
import { parseDistributionPoints, type DistributionPoint } from './parse-distribution-point.ts'
import type { ExtensionDecoders } from './parse-extensions.ts'
import { parseGeneralName, parseGeneralNames, type GeneralName } from './parse-general-name.ts'

export type AuthorityKeyIdentifier = {
  readonly keyIdentifier: Uint8Array | undefined
  readonly issuer: readonly GeneralName[] | undefined
  readonly serial: Uint8Array | undefined
}

export type Subtree = {
  readonly base: GeneralName
  /** False where minimum or maximum stand, which RFC 5280 §4.2.1.10 forbids. */
  readonly plain: boolean
}

export type NameConstraints = {
  readonly permitted: readonly Subtree[] | undefined
  readonly excluded: readonly Subtree[] | undefined
}

export type PolicyInformation = { readonly id: string; readonly qualifiers: readonly string[] }

/** Everything that RFC 5280 lets a certificate say, decoded. */
export type CertificateExtensions = {
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier
  readonly subjectKeyIdentifier: Uint8Array
  readonly keyUsage: ReadonlySet<number>
  readonly certificatePolicies: readonly PolicyInformation[]
  readonly policyMappings: readonly { readonly issuer: string; readonly subject: string }[]
  readonly subjectAltName: readonly GeneralName[]
  readonly issuerAltName: readonly GeneralName[]
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined }
  readonly nameConstraints: NameConstraints
  readonly policyConstraints: {
    readonly requireExplicitPolicy: number | undefined
    readonly inhibitPolicyMapping: number | undefined
  }
  readonly extKeyUsage: readonly string[]
  readonly crlDistributionPoints: readonly DistributionPoint[]
  readonly freshestCrl: readonly DistributionPoint[]
  readonly inhibitAnyPolicy: number
  readonly ocspNoCheck: true
}

/** SEQUENCE SIZE (1..MAX) OF. */
const nonEmpty = (node: DerNode, tag?: number): readonly DerNode[] => {
  if (node.tag !== derTag.sequence) throw new DerError('der_tag')
  const members = derList(node, tag)
  if (members.length === 0) throw new DerError('der_value', 'empty sequence')
  return members
}

const sequence = (node: DerNode): DerNode => {
  if (node.tag !== derTag.sequence) throw new DerError('der_tag')
  return node
}

const decodeAuthorityKeyIdentifier = (node: DerNode): AuthorityKeyIdentifier =>
  derStructure(sequence(node), (reader) => {
    const keyIdentifier = reader.optional(0x80)?.content
    const issuerNode = reader.optional(0xa1)
    const serialNode = reader.optional(0x82)
    const issuer = issuerNode && parseGeneralNames(issuerNode)
    const serial = serialNode && readIntegerBytes(serialNode, 0x82)
    if ((issuer === undefined) !== (serial === undefined)) {
      throw new DerError('der_value', 'issuer and serial number go together')
    }
    return { keyIdentifier, issuer, serial }
  })

const decodePolicy = (node: DerNode): PolicyInformation =>
  derStructure(node, (reader) => {
    const id = readOid(reader.next())
    if (reader.atEnd()) return { id, qualifiers: [] }
    const qualifiers = nonEmpty(reader.next(), derTag.sequence).map((qualifier) =>
      derStructure(qualifier, (members) => {
        const qualifierId = readOid(members.next())
        if (!members.atEnd()) members.next()
        return qualifierId
      }),
    )
    return { id, qualifiers }
  })

const decodeBasicConstraints = (node: DerNode): CertificateExtensions['basicConstraints'] =>
  derStructure(sequence(node), (reader) => {
    const caNode = reader.optional(derTag.boolean)
    const ca = caNode !== undefined && readBoolean(caNode)
    if (caNode !== undefined && !ca) throw new DerError('der_default_encoded', 'cA')
    const pathLength = reader.atEnd() ? undefined : readSmallInteger(reader.next())
    return { ca, pathLength }
  })

const decodeSubtree = (node: DerNode): Subtree =>
  derStructure(node, (reader) => {
    const base = parseGeneralName(reader.next())
    const minimum = reader.optional(0x80)
    const maximum = reader.optional(0x81)
    return { base, plain: minimum === undefined && maximum === undefined }
  })

const decodeNameConstraints = (node: DerNode): NameConstraints =>
  derStructure(sequence(node), (reader) => {
    const permitted = reader.optional(0xa0)
    const excluded = reader.optional(0xa1)
    return {
      permitted: permitted && derList(permitted, derTag.sequence).map(decodeSubtree),
      excluded: excluded && derList(excluded, derTag.sequence).map(decodeSubtree),
    }
  })

const decodePolicyConstraints = (node: DerNode): CertificateExtensions['policyConstraints'] =>
  derStructure(sequence(node), (reader) => {
    const require = reader.optional(0x80)
    const inhibit = reader.optional(0x81)
    return {
      requireExplicitPolicy: require && readSmallInteger(require, 0x80),
      inhibitPolicyMapping: inhibit && readSmallInteger(inhibit, 0x81),
    }
  })

const decodeMapping = (node: DerNode): { readonly issuer: string; readonly subject: string } =>
  derStructure(node, (reader) => ({
    issuer: readOid(reader.next()),
    subject: readOid(reader.next()),
  }))

/** AIA and SIA are not followed; their form is checked, because a malformed one is a sign of tampering. */
const checkAccessDescriptions = (node: DerNode): object => {
  for (const description of nonEmpty(node, derTag.sequence)) {
    derStructure(description, (reader) => {
      readOid(reader.next())
      parseGeneralName(reader.next())
    })
  }
  return {}
}

/** One decoder for each extension of RFC 5280 §4.2 and for id-pkix-ocsp-nocheck. */
export const certificateDecoders: ExtensionDecoders<CertificateExtensions> = {
  [oid.authorityKeyIdentifier]: (node) => ({
    authorityKeyIdentifier: decodeAuthorityKeyIdentifier(node),
  }),
  [oid.subjectKeyIdentifier]: (node) => ({ subjectKeyIdentifier: readOctetString(node) }),
  [oid.keyUsage]: (node) => ({ keyUsage: readNamedBits(node) }),
  [oid.certificatePolicies]: (node) => ({
    certificatePolicies: nonEmpty(node, derTag.sequence).map(decodePolicy),
  }),
  [oid.policyMappings]: (node) => ({
    policyMappings: nonEmpty(node, derTag.sequence).map(decodeMapping),
  }),
  [oid.subjectAltName]: (node) => ({ subjectAltName: parseGeneralNames(sequence(node)) }),
  [oid.issuerAltName]: (node) => ({ issuerAltName: parseGeneralNames(sequence(node)) }),
  [oid.basicConstraints]: (node) => ({ basicConstraints: decodeBasicConstraints(node) }),
  [oid.nameConstraints]: (node) => ({ nameConstraints: decodeNameConstraints(node) }),
  [oid.policyConstraints]: (node) => ({ policyConstraints: decodePolicyConstraints(node) }),
  [oid.extKeyUsage]: (node) => ({
    extKeyUsage: nonEmpty(node).map((purpose) => readOid(purpose)),
  }),
  [oid.crlDistributionPoints]: (node) => ({
    crlDistributionPoints: parseDistributionPoints(sequence(node)),
  }),
  [oid.freshestCrl]: (node) => ({ freshestCrl: parseDistributionPoints(sequence(node)) }),
  [oid.inhibitAnyPolicy]: (node) => ({ inhibitAnyPolicy: readSmallInteger(node) }),
  [oid.ocspNoCheck]: (node) => {
    readNull(node)
    return { ocspNoCheck: true }
  },
  [oid.authorityInfoAccess]: checkAccessDescriptions,
  [oid.subjectInfoAccess]: checkAccessDescriptions,
  [oid.subjectDirectoryAttributes]: (node) => {
    nonEmpty(node, derTag.sequence)
    return {}
  },
}
