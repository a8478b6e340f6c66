import { CryptoError } from '../crypto-error.ts'
import {
  DerError,
  derExplicit,
  derList,
  derStructure,
  readDer,
  type DerNode,
  type DerReader,
} from '../read-der.ts'
import { readIntegerBytes, readOctetString, readOid, readSmallInteger } from '../read-der-value.ts'
import { derOid, derTag } from '../write-der.ts'
import { cmsOid, dialectOids, type CmsDialect } from './cms-oid.ts'
import { readSignedAttributes, type SignedAttributes } from './signed-attributes.ts'

/** A CMS SignedData (RFC 5652 §5, GB/T 35275 §7) as it stands; nothing in it has been believed yet. */
export type SignedData = {
  readonly dialect: CmsDialect
  readonly version: number
  /** eContentType. */
  readonly contentType: string
  /** Undefined when the signature is detached. */
  readonly content: Uint8Array | undefined
  /** DER certificates; other kinds in the set are left out. */
  readonly certificates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly signers: readonly SignerInfo[]
}

export type SignerInfo = {
  readonly signer: SignerName
  /** Object identifiers. */
  readonly digestAlgorithm: string
  readonly signatureAlgorithm: string
  readonly attributes: SignedAttributes | undefined
  readonly signature: Uint8Array
}

export type SignerName =
  | { readonly kind: 'issuerAndSerial'; readonly issuer: Uint8Array; readonly serial: Uint8Array }
  | { readonly kind: 'keyIdentifier'; readonly keyIdentifier: Uint8Array }

/** Each signer costs a digest of the content, a path and a signature; documents have a handful. */
const signersMax = 32

/**
 * Parses a ContentInfo with SignedData in DER, by 32 signers at most; the content may be cut into pieces.
 * @throws CryptoError cms_malformed
 */
export const parseSignedData = (der: Uint8Array): SignedData => {
  try {
    return derStructure(readDer(der, derTag.sequence), (reader) => {
      const dialect = dialectOf(readOid(reader.next()))
      const body = derExplicit(reader.next(0xa0), derTag.sequence)
      return { dialect, ...derStructure(body, readBody) }
    })
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new CryptoError('cms_malformed', 'not a SignedData in DER', { cause })
  }
}

/** True for DER that begins as a ContentInfo with SignedData does; nothing more is checked. */
export const looksLikeSignedData = (bytes: Uint8Array): boolean => {
  const head = Buffer.from(bytes.subarray(0, 24))
  return bytes[0] === derTag.sequence && signedDataOids.some((oid) => head.includes(oid))
}

const signedDataOids = [dialectOids.rfc, dialectOids.gm].map(({ signedData }) =>
  Buffer.from(derOid(signedData)),
)

const dialectOf = (oid: string): CmsDialect => {
  if (oid === dialectOids.rfc.signedData) return 'rfc'
  if (oid === dialectOids.gm.signedData) return 'gm'
  throw new CryptoError('cms_malformed', 'another content type')
}

const readBody = (reader: DerReader): Omit<SignedData, 'dialect'> => {
  const version = readSmallInteger(reader.next())
  derList(reader.next(derTag.set), derTag.sequence).forEach(readAlgorithm)
  const encapsulated = derStructure(reader.next(derTag.sequence), readContent)
  const certificates = encodings(reader.optional(0xa0), derTag.sequence)
  const crls = encodings(reader.optional(0xa1), derTag.sequence)
  const signers = derList(reader.next(derTag.set), derTag.sequence)
  if (signers.length > signersMax) throw new DerError('der_value', 'too many signers')
  return { version, ...encapsulated, certificates, crls, signers: signers.map(signerOf) }
}

const readContent = (reader: DerReader): Pick<SignedData, 'contentType' | 'content'> => {
  const contentType = readOid(reader.next())
  const wrapped = reader.optional(0xa0)
  const content = wrapped === undefined ? undefined : readPieces(derExplicit(wrapped))
  return { contentType, content }
}

/** The one place where BER is usual: pkijs cuts the content into pieces of a constructed OCTET STRING. */
const readPieces = (node: DerNode): Uint8Array =>
  node.tag === constructedOctetString
    ? Buffer.concat(derList(node, derTag.octetString).map(({ content }) => content))
    : readOctetString(node)

const constructedOctetString = 0x24

const encodings = (set: DerNode | undefined, tag: number): readonly Uint8Array[] =>
  set === undefined
    ? []
    : derList(set)
        .filter((node) => node.tag === tag)
        .map(({ encoding }) => encoding)

const signerOf = (node: DerNode): SignerInfo => derStructure(node, readSigner)

const readSigner = (reader: DerReader): SignerInfo => {
  const version = readSmallInteger(reader.next())
  const signer = readSignerName(reader)
  if (version !== (signer.kind === 'issuerAndSerial' ? 1 : 3))
    throw new DerError('der_value', 'version of SignerInfo')
  const digestAlgorithm = readAlgorithm(reader.next(derTag.sequence))
  const attributes = reader.optional(0xa0)
  const signatureAlgorithm = readAlgorithm(reader.next(derTag.sequence))
  const signature = readOctetString(reader.next())
  reader.optional(0xa1)
  return {
    signer,
    digestAlgorithm,
    attributes: attributes && readSignedAttributes(attributes),
    signatureAlgorithm,
    signature,
  }
}

const readSignerName = (reader: DerReader): SignerName => {
  const identifier = reader.optional(0x80)
  if (identifier !== undefined)
    return { kind: 'keyIdentifier', keyIdentifier: readOctetString(identifier, 0x80) }
  return derStructure(reader.next(derTag.sequence), (members) => {
    const issuer = members.next(derTag.sequence).encoding
    return { kind: 'issuerAndSerial', issuer, serial: readIntegerBytes(members.next()) }
  })
}

/** Object identifier of an AlgorithmIdentifier without parameters, or with NULL. */
const readAlgorithm = (node: DerNode): string =>
  derStructure(node, (reader) => {
    const oid = readOid(reader.next())
    const none = reader.optional(derTag.null)
    if (none !== undefined && none.content.length > 0) throw new DerError('der_null')
    return oid
  })

/** True for the content that may be signed without attributes (RFC 5652 §5.3). */
export const isPlainData = ({ contentType }: Pick<SignedData, 'contentType'>): boolean =>
  contentType === cmsOid.data || contentType === dialectOids.gm.data
