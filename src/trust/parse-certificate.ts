import { digest } from '../crypto/digest.ts'
import {
  DerError,
  derExplicit,
  derStructure,
  readDer,
  type DerNode,
  type DerReader,
} from '../crypto/read-der.ts'
import {
  readIntegerBytes,
  readOctetAlignedBits,
  readBitString,
  readSmallInteger,
  readTime,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { certificateDecoders, type CertificateExtensions } from './decode-certificate-extensions.ts'
import {
  decodeExtensions,
  parseExtensions,
  type DecodedExtensions,
  type Extension,
} from './parse-extensions.ts'
import { parseName, type ParsedName } from './parse-name.ts'
import {
  parseAlgorithm,
  parsePublicKey,
  type AlgorithmIdentifier,
  type PublicKeyInfo,
} from './public-key.ts'

/** A certificate as it stands; nothing in it has been believed yet. */
export type ParsedCertificate = {
  readonly der: Uint8Array
  /** Lower-case hex SHA-256 of the DER. */
  readonly id: string
  readonly tbs: Uint8Array
  readonly version: 1 | 2 | 3
  /** Two's complement octets of the serial number. */
  readonly serial: Uint8Array
  readonly innerAlgorithm: AlgorithmIdentifier
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly issuer: ParsedName
  readonly subject: ParsedName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: PublicKeyInfo
  readonly hasUniqueIds: boolean
  readonly extensions: readonly Extension[]
  readonly decoded: DecodedExtensions<CertificateExtensions>
}

/** Parts of a SIGNED{} structure. */
export type SignedStructure = {
  readonly tbs: DerNode
  readonly algorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
}

/** Parses one DER certificate, strictly. @throws DerError */
export const parseCertificate = (der: Uint8Array): ParsedCertificate => {
  const { tbs, algorithm, signature } = parseSigned(der)
  const body = derStructure(tbs, readBody)
  return {
    der,
    id: Buffer.from(digest('sha-256', der)).toString('hex'),
    tbs: tbs.encoding,
    signatureAlgorithm: algorithm,
    signature,
    ...body,
    decoded: decodeExtensions(body.extensions, certificateDecoders),
  }
}

/** Splits a certificate or CRL into what was signed, how, and the signature. @throws DerError */
export const parseSigned = (der: Uint8Array): SignedStructure =>
  derStructure(readDer(der, derTag.sequence), parseSignedMembers)

/** The three members of a SIGNED{} structure, from a reader that may hold more. @throws DerError */
export const parseSignedMembers = (reader: DerReader): SignedStructure => ({
  tbs: reader.next(derTag.sequence),
  algorithm: parseAlgorithm(reader.next(derTag.sequence)),
  signature: readOctetAlignedBits(reader.next()),
})

const readBody = (reader: DerReader) => {
  const version = readVersion(reader)
  const serial = readIntegerBytes(reader.next())
  const innerAlgorithm = parseAlgorithm(reader.next(derTag.sequence))
  const issuer = parseName(reader.next())
  const { notBefore, notAfter } = derStructure(reader.next(derTag.sequence), (times) => ({
    notBefore: readTime(times.next()),
    notAfter: readTime(times.next()),
  }))
  const subject = parseName(reader.next())
  const publicKey = parsePublicKey(reader.next())
  const hasUniqueIds = readUniqueIds(reader)
  const wrapped = reader.optional(0xa3)
  const extensions = wrapped ? parseExtensions(derExplicit(wrapped, derTag.sequence)) : []
  // RFC 5280 §4.1.2.1: extensions need version 3, unique identifiers version 2 or 3.
  if ((extensions.length > 0 && version !== 3) || (hasUniqueIds && version === 1)) {
    throw new DerError('der_value', 'version')
  }
  return {
    ...{ version, serial, innerAlgorithm, issuer, notBefore, notAfter },
    ...{ subject, publicKey, hasUniqueIds, extensions },
  }
}

const readVersion = (reader: DerReader): 1 | 2 | 3 => {
  const wrapped = reader.optional(0xa0)
  if (wrapped === undefined) return 1
  const version = readSmallInteger(derExplicit(wrapped))
  if (version === 1) return 2
  if (version === 2) return 3
  throw new DerError('der_value', 'version')
}

const readUniqueIds = (reader: DerReader): boolean => {
  const issuerId = reader.optional(0x81)
  const subjectId = reader.optional(0x82)
  if (issuerId) readBitString(issuerId, 0x81)
  if (subjectId) readBitString(subjectId, 0x82)
  return issuerId !== undefined || subjectId !== undefined
}
