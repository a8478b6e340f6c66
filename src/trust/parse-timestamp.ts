import { CryptoError } from '../crypto/crypto-error.ts'
import {
  parseSignedData,
  type SignedData,
  type SignerInfo,
} from '../crypto/cms/parse-signed-data.ts'
import { DerError, derList, derStructure, readDer, type DerNode } from '../crypto/read-der.ts'
import {
  readBoolean,
  readIntegerBytes,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { parseAlgorithm } from './public-key.ts'

/** TSTInfo of RFC 3161: what the authority says it saw, and when. */
export type TimestampInfo = {
  readonly policy: string
  /** OID of the hash. */
  readonly hash: string
  readonly imprint: Uint8Array
  readonly serial: Uint8Array
  readonly time: Date
}

export type ParsedTimestamp = {
  readonly signed: SignedData
  readonly signer: SignerInfo
  readonly content: Uint8Array
  readonly info: TimestampInfo
  /** Hash OID and digest of the signer's certificate, from SigningCertificate(V2). */
  readonly signingCertificate: { readonly hash: string; readonly digest: Uint8Array }
}

const tstInfo = '1.2.840.113549.1.9.16.1.4'
const signingCertificate = '1.2.840.113549.1.9.16.2.12'
const signingCertificateV2 = '1.2.840.113549.1.9.16.2.47'
const sha1 = '1.3.14.3.2.26'
const sha256 = '2.16.840.1.101.3.4.2.1'

/** True for a ContentInfo that says it holds a TSTInfo; nothing more is checked. */
export const looksLikeTimestamp = (bytes: Uint8Array): boolean =>
  bytes[0] === derTag.sequence && Buffer.from(bytes.subarray(0, 200)).includes(tstInfoOctets)

const tstInfoOctets = Buffer.from('060b2a864886f70d0109100104', 'hex')

/**
 * Parses a timestamp token (RFC 3161 §2.4.2): one signer, TSTInfo inside, the signer's certificate named
 * in a signed attribute. @throws DerError
 */
export const parseTimestamp = (der: Uint8Array): ParsedTimestamp => {
  const signed = parseCms(der)
  const [signer, second] = signed.signers
  const { content } = signed
  if (signer?.attributes === undefined || second !== undefined || content === undefined) {
    throw new DerError('der_value', 'not one signer with attributes')
  }
  if (signed.contentType !== tstInfo) throw new DerError('der_value', 'content type')
  const info = parseInfo(readDer(content, derTag.sequence))
  return { signed, signer, content, info, signingCertificate: readEss(signer.attributes.signed) }
}

const parseCms = (der: Uint8Array): SignedData => {
  try {
    return parseSignedData(der)
  } catch (error) {
    if (error instanceof CryptoError) throw new DerError('der_value', error.message)
    throw error
  }
}

const parseInfo = (node: DerNode): TimestampInfo =>
  derStructure(node, (reader) => {
    if (readSmallInteger(reader.next()) !== 1) throw new DerError('der_value', 'version')
    const policy = readOid(reader.next())
    const { hash, imprint } = derStructure(reader.next(derTag.sequence), (members) => ({
      hash: parseAlgorithm(members.next(derTag.sequence)).id,
      imprint: readOctetString(members.next()),
    }))
    const serial = readIntegerBytes(reader.next())
    const time = readGenTime(reader.next(derTag.generalizedTime))
    reader.optional(derTag.sequence)
    const ordering = reader.optional(derTag.boolean)
    if (ordering !== undefined) readBoolean(ordering)
    const nonce = reader.optional(derTag.integer)
    if (nonce !== undefined) readIntegerBytes(nonce)
    reader.optional(0xa0)
    // An extension of the token that is critical would have to be understood; none is known here.
    if (reader.optional(0xa1) !== undefined) throw new DerError('der_value', 'extensions')
    return { policy, hash, imprint, serial, time }
  })

/** GeneralizedTime with an optional fraction without trailing zeros (RFC 3161 §2.4.2). */
const readGenTime = (node: DerNode): Date => {
  const text = Buffer.from(node.content).toString('latin1')
  const fraction = /^\d{14}\.(\d*[1-9])Z$/.exec(text)?.[1]
  if (fraction === undefined) return readTime(node)
  const content = Buffer.from(`${text.slice(0, 14)}Z`)
  const seconds = readTime({ ...node, content })
  return new Date(seconds.getTime() + Math.floor(Number(`0.${fraction}`) * 1000))
}

const readEss = (attributes: Uint8Array): ParsedTimestamp['signingCertificate'] => {
  const values = new Map(
    derList(readDer(attributes, derTag.set), derTag.sequence).map((attribute) =>
      derStructure(attribute, (reader) => {
        const type = readOid(reader.next())
        return [type, derList(reader.next(derTag.set))[0]] as const
      }),
    ),
  )
  const v2 = values.get(signingCertificateV2)
  const v1 = values.get(signingCertificate)
  if (v2 !== undefined) return readFirstId(v2, sha256)
  if (v1 !== undefined) return readFirstId(v1, sha1)
  throw new DerError('der_missing', 'SigningCertificate')
}

/** ESSCertID or ESSCertIDv2 of the first certificate: [hashAlgorithm] certHash [issuerSerial]. */
const readFirstId = (
  value: DerNode,
  defaultHash: string,
): ParsedTimestamp['signingCertificate'] => {
  const [certificates] = derList(value, derTag.sequence)
  const [first] = certificates === undefined ? [] : derList(certificates, derTag.sequence)
  if (first === undefined) throw new DerError('der_missing', 'ESSCertID')
  return derStructure(first, (reader) => {
    const named = reader.optional(derTag.sequence)
    const hash = named === undefined ? defaultHash : parseAlgorithm(named).id
    const digest = readOctetString(reader.next())
    reader.optional(derTag.sequence)
    return { hash, digest }
  })
}
