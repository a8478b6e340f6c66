import { digest } from '../crypto/digest.ts'
import {
  DerError,
  derExplicit,
  derList,
  derStructure,
  readDer,
  type DerNode,
  type DerReader,
} from '../crypto/read-der.ts'
import {
  readIntegerBytes,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { oid } from './oid.ts'
import { parseSignedMembers } from './parse-certificate.ts'
import { parseExtensions } from './parse-extensions.ts'
import { parseName } from './parse-name.ts'
import { parseAlgorithm, type AlgorithmIdentifier } from './public-key.ts'

export type OcspStatus =
  | { readonly kind: 'good' | 'unknown' }
  | { readonly kind: 'revoked'; readonly at: Date; readonly reason: number | undefined }

/** One answer about one certificate. */
export type OcspAnswer = {
  /** OID of the hash in the certificate id. */
  readonly hash: string
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  readonly serial: Uint8Array
  readonly status: OcspStatus
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

/** A basic OCSP response as it stands; nothing in it has been believed yet. */
export type ParsedOcsp = {
  readonly id: string
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly responder: { readonly nameKey: string } | { readonly keyHash: Uint8Array }
  readonly producedAt: Date
  readonly answers: readonly OcspAnswer[]
  /** DER of the certificates that it brings along. */
  readonly certificates: readonly Uint8Array[]
}

/**
 * Parses one DER OCSPResponse (RFC 6960) of type basic and status successful, without critical
 * extensions. @throws DerError
 */
export const parseOcsp = (der: Uint8Array): ParsedOcsp => {
  const response = derStructure(readDer(der, derTag.sequence), (reader) => {
    if (readSmallInteger(reader.next(), derTag.enumerated) !== 0) {
      throw new DerError('der_value', 'OCSP status')
    }
    return readResponseBytes(derExplicit(reader.next(0xa0), derTag.sequence))
  })
  return derStructure(readDer(response, derTag.sequence), (reader) => {
    const { tbs, algorithm, signature } = parseSignedMembers(reader)
    const certs = reader.optional(0xa0)
    const list = certs ? derList(derExplicit(certs, derTag.sequence), derTag.sequence) : []
    return {
      id: Buffer.from(digest('sha-256', der)).toString('hex'),
      tbs: tbs.encoding,
      signatureAlgorithm: algorithm,
      signature,
      ...derStructure(tbs, readBody),
      certificates: list.map(({ encoding }) => encoding),
    }
  })
}

const readResponseBytes = (node: DerNode): Uint8Array =>
  derStructure(node, (reader) => {
    if (readOid(reader.next()) !== oid.ocspBasic) throw new DerError('der_value', 'OCSP type')
    return readOctetString(reader.next())
  })

const readBody = (reader: DerReader) => {
  const version = reader.optional(0xa0)
  if (version !== undefined) throw new DerError('der_value', 'OCSP version')
  const responder = readResponder(reader.next())
  const producedAt = readTime(reader.next(derTag.generalizedTime))
  const answers = derList(reader.next(derTag.sequence), derTag.sequence).map(readAnswer)
  refuseCritical(reader.optional(0xa1))
  return { responder, producedAt, answers }
}

const readResponder = (node: DerNode): ParsedOcsp['responder'] => {
  if (node.tag === 0xa1) return { nameKey: parseName(derExplicit(node)).key }
  if (node.tag === 0xa2) return { keyHash: readOctetString(derExplicit(node)) }
  throw new DerError('der_tag', 'ResponderID')
}

const readAnswer = (node: DerNode): OcspAnswer =>
  derStructure(node, (reader) => {
    const id = derStructure(reader.next(derTag.sequence), (members) => ({
      hash: parseAlgorithm(members.next(derTag.sequence)).id,
      issuerNameHash: readOctetString(members.next()),
      issuerKeyHash: readOctetString(members.next()),
      serial: readIntegerBytes(members.next()),
    }))
    const status = readStatus(reader.next())
    const thisUpdate = readTime(reader.next(derTag.generalizedTime))
    const next = reader.optional(0xa0)
    const nextUpdate = next && readTime(derExplicit(next, derTag.generalizedTime))
    refuseCritical(reader.optional(0xa1))
    return { ...id, status, thisUpdate, nextUpdate }
  })

const readStatus = (node: DerNode): OcspStatus => {
  if (node.tag === 0x80 && node.content.length === 0) return { kind: 'good' }
  if (node.tag === 0x82 && node.content.length === 0) return { kind: 'unknown' }
  if (node.tag !== 0xa1) throw new DerError('der_tag', 'CertStatus')
  return derStructure(node, (reader) => {
    const at = readTime(reader.next(derTag.generalizedTime))
    const wrapped = reader.optional(0xa0)
    const reason = wrapped && readSmallInteger(derExplicit(wrapped), derTag.enumerated)
    return { kind: 'revoked', at, reason }
  })
}

/** No extension of an answer is needed here; a critical one makes the answer unusable. */
const refuseCritical = (node: DerNode | undefined): void => {
  if (node === undefined) return
  const extensions = parseExtensions(derExplicit(node, derTag.sequence))
  if (extensions.some(({ critical }) => critical)) throw new DerError('der_value', 'critical')
}
