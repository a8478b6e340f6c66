import { digest } from '../crypto/digest.ts'
import {
  DerError,
  derExplicit,
  derList,
  derStructure,
  type DerNode,
  type DerReader,
} from '../crypto/read-der.ts'
import {
  readBigInteger,
  readBoolean,
  readIntegerBytes,
  readNamedBits,
  readSmallInteger,
  readTime,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import {
  certificateDecoders,
  type AuthorityKeyIdentifier,
} from './decode-certificate-extensions.ts'
import { oid } from './oid.ts'
import { parseSigned } from './parse-certificate.ts'
import { parsePointName, type DistributionPointName } from './parse-distribution-point.ts'
import {
  decodeExtensions,
  parseExtensions,
  type DecodedExtensions,
  type Extension,
  type ExtensionDecoders,
} from './parse-extensions.ts'
import { parseGeneralNames, type GeneralName } from './parse-general-name.ts'
import { parseName, type ParsedName } from './parse-name.ts'
import { parseAlgorithm, type AlgorithmIdentifier } from './public-key.ts'

/** issuingDistributionPoint, RFC 5280 §5.2.5. */
export type CrlScope = {
  readonly name: DistributionPointName | undefined
  readonly onlyUserCerts: boolean
  readonly onlyCaCerts: boolean
  readonly onlySomeReasons: ReadonlySet<number> | undefined
  readonly indirect: boolean
  readonly onlyAttributeCerts: boolean
}

export type CrlExtensions = {
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier
  readonly crlNumber: bigint
  readonly deltaBase: bigint
  readonly scope: CrlScope
}

export type CrlEntryExtensions = {
  readonly reason: number
  readonly certificateIssuer: readonly GeneralName[]
}

export type CrlEntry = {
  readonly serial: Uint8Array
  readonly revokedAt: Date
  readonly extensions: readonly Extension[]
  readonly decoded: DecodedExtensions<CrlEntryExtensions>
}

/** A CRL as it stands; nothing in it has been believed yet. */
export type ParsedCrl = {
  readonly der: Uint8Array
  /** Lower-case hex SHA-256 of the DER. */
  readonly id: string
  readonly tbs: Uint8Array
  readonly innerAlgorithm: AlgorithmIdentifier
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly issuer: ParsedName
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly entries: readonly CrlEntry[]
  /** A certificate is listed twice, so that the list may say two things of it. */
  readonly repeatsEntry: boolean
  readonly extensions: readonly Extension[]
  readonly decoded: DecodedExtensions<CrlExtensions>
}

/** Parses one DER CRL, strictly. @throws DerError */
export const parseCrl = (der: Uint8Array): ParsedCrl => {
  const { tbs, algorithm, signature } = parseSigned(der)
  const body = derStructure(tbs, readBody)
  return {
    der,
    id: Buffer.from(digest('sha-256', der)).toString('hex'),
    tbs: tbs.encoding,
    signatureAlgorithm: algorithm,
    signature,
    ...body,
    decoded: decodeExtensions(body.extensions, crlDecoders),
  }
}

const readBody = (reader: DerReader) => {
  const isVersion2 = reader.peek() === derTag.integer && readVersion2(reader.next())
  const innerAlgorithm = parseAlgorithm(reader.next(derTag.sequence))
  const issuer = parseName(reader.next())
  const thisUpdate = readTime(reader.next())
  const hasNextUpdate = reader.peek() === derTag.utcTime || reader.peek() === derTag.generalizedTime
  const nextUpdate = hasNextUpdate ? readTime(reader.next()) : undefined
  const revoked = reader.optional(derTag.sequence)
  const entries = revoked ? derList(revoked, derTag.sequence).map(readEntry) : []
  const wrapped = reader.optional(0xa0)
  const extensions = wrapped ? parseExtensions(derExplicit(wrapped, derTag.sequence)) : []
  const hasExtensions = extensions.length > 0 || entries.some((e) => e.extensions.length > 0)
  if (hasExtensions && !isVersion2) throw new DerError('der_value', 'version')
  const repeatsEntry = hasRepeatedEntry(entries)
  return { innerAlgorithm, issuer, thisUpdate, nextUpdate, entries, repeatsEntry, extensions }
}

/** In an indirect CRL one serial number may belong to several issuers. */
const hasRepeatedEntry = (entries: readonly CrlEntry[]): boolean => {
  const seen = new Set<string>()
  let issuer = ''
  return entries.some(({ serial, extensions }) => {
    const named = extensions.find(({ id }) => id === oid.certificateIssuer)
    if (named !== undefined) issuer = Buffer.from(named.value).toString('hex')
    const key = `${issuer} ${Buffer.from(serial).toString('hex')}`
    const isRepeated = seen.has(key)
    seen.add(key)
    return isRepeated
  })
}

const readVersion2 = (node: DerNode): true => {
  if (readSmallInteger(node) !== 1) throw new DerError('der_value', 'version')
  return true
}

const readEntry = (node: DerNode): CrlEntry =>
  derStructure(node, (reader) => {
    const serial = readIntegerBytes(reader.next())
    const revokedAt = readTime(reader.next())
    const extensions = reader.atEnd() ? [] : parseExtensions(reader.next(derTag.sequence))
    return { serial, revokedAt, extensions, decoded: decodeExtensions(extensions, entryDecoders) }
  })

const decodeScope = (node: DerNode): CrlScope => {
  if (node.tag !== derTag.sequence) throw new DerError('der_tag', 'issuingDistributionPoint')
  return derStructure(node, (reader) => {
    const name = reader.optional(0xa0)
    const onlyUserCerts = readFlag(reader, 0x81)
    const onlyCaCerts = readFlag(reader, 0x82)
    const reasons = reader.optional(0x83)
    const scope = {
      name: name && parsePointName(name),
      onlyUserCerts,
      onlyCaCerts,
      onlySomeReasons: reasons && readNamedBits(reasons, 0x83),
      indirect: readFlag(reader, 0x84),
      onlyAttributeCerts: readFlag(reader, 0x85),
    }
    return scope
  })
}

const readFlag = (reader: DerReader, tag: number): boolean => {
  const node = reader.optional(tag)
  if (node === undefined) return false
  const value = readBoolean({ ...node, tag: derTag.boolean })
  if (!value) throw new DerError('der_default_encoded')
  return true
}

const decodeAuthorityKey = (node: DerNode): Partial<CrlExtensions> => {
  const decoded = certificateDecoders[oid.authorityKeyIdentifier]?.(node)
  const identifier = decoded?.authorityKeyIdentifier
  return identifier === undefined ? {} : { authorityKeyIdentifier: identifier }
}

const crlDecoders: ExtensionDecoders<CrlExtensions> = {
  [oid.authorityKeyIdentifier]: decodeAuthorityKey,
  [oid.crlNumber]: (node) => ({ crlNumber: nonNegative(node) }),
  [oid.deltaCrlIndicator]: (node) => ({ deltaBase: nonNegative(node) }),
  [oid.issuingDistributionPoint]: (node) => ({ scope: decodeScope(node) }),
}

const entryDecoders: ExtensionDecoders<CrlEntryExtensions> = {
  [oid.reasonCode]: (node) => ({ reason: readSmallInteger(node, derTag.enumerated) }),
  [oid.certificateIssuer]: (node) => ({ certificateIssuer: parseGeneralNames(node) }),
}

const nonNegative = (node: DerNode): bigint => {
  if (node.content.length > 21) throw new DerError('der_integer', 'CRL number')
  const value = readBigInteger(node)
  if (value < 0n) throw new DerError('der_integer', 'CRL number')
  return value
}
