import { DerError, derStructure, readDer, type DerNode } from '../crypto/read-der.ts'
import {
  readBigInteger,
  readNull,
  readOctetAlignedBits,
  readOid,
} from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { oid } from './oid.ts'

export type AlgorithmIdentifier = {
  readonly id: string
  readonly parameters: DerNode | undefined
  readonly encoding: Uint8Array
}

/** SubjectPublicKeyInfo, checked as far as its algorithm is known. */
export type PublicKeyInfo = {
  readonly encoding: Uint8Array
  readonly algorithm: AlgorithmIdentifier
  /** Contents of the BIT STRING: what key identifiers and OCSP hash. */
  readonly bits: Uint8Array
  readonly key:
    | { readonly kind: 'rsa'; readonly bits: number; readonly exponent: bigint }
    | { readonly kind: 'ec'; readonly curve: string }
    | { readonly kind: 'ed25519' }
    | { readonly kind: 'unknown' }
}

/** Parses an AlgorithmIdentifier. @throws DerError */
export const parseAlgorithm = (node: DerNode): AlgorithmIdentifier =>
  derStructure(node, (reader) => {
    const id = readOid(reader.next())
    const parameters = reader.atEnd() ? undefined : reader.next()
    return { id, parameters, encoding: node.encoding }
  })

/** Parses a SubjectPublicKeyInfo. @throws DerError, also for keys that break their algorithm's rules. */
export const parsePublicKey = (node: DerNode): PublicKeyInfo => {
  if (node.tag !== derTag.sequence) throw new DerError('der_tag', 'SubjectPublicKeyInfo')
  return derStructure(node, (reader) => {
    const algorithm = parseAlgorithm(reader.next(derTag.sequence))
    const bits = readOctetAlignedBits(reader.next())
    return { encoding: node.encoding, algorithm, bits, key: parseKey(algorithm, bits) }
  })
}

const parseKey = (algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKeyInfo['key'] => {
  switch (algorithm.id) {
    case oid.rsaEncryption:
      // RFC 3279 §2.3.1: the parameters MUST be NULL.
      if (algorithm.parameters === undefined) throw new DerError('der_null')
      readNull(algorithm.parameters)
      return parseRsaKey(bits)
    case oid.rsaPss:
      return parseRsaKey(bits)
    case oid.ecPublicKey:
      return parseEcKey(algorithm, bits)
    case oid.ed25519:
      if (algorithm.parameters !== undefined || bits.length !== 32) {
        throw new DerError('der_value', 'Ed25519 key')
      }
      return { kind: 'ed25519' }
    default:
      return { kind: 'unknown' }
  }
}

const rsaOctetsMax = 4096

const parseRsaKey = (bits: Uint8Array): PublicKeyInfo['key'] =>
  derStructure(readDer(bits, derTag.sequence), (reader) => {
    const modulusNode = reader.next()
    if (modulusNode.content.length > rsaOctetsMax) throw new DerError('der_value', 'RSA modulus')
    const modulus = readBigInteger(modulusNode)
    const exponent = readBigInteger(reader.next())
    if (modulus <= 0n || exponent <= 0n) throw new DerError('der_value', 'RSA key')
    return { kind: 'rsa', bits: bitLength(modulusNode.content), exponent }
  })

const bitLength = (bytes: Uint8Array): number => {
  const start = bytes[0] === 0 ? 1 : 0
  return (bytes.length - start) * 8 - (Math.clz32(bytes[start] ?? 0) - 24)
}

const parseEcKey = (algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKeyInfo['key'] => {
  // RFC 5480 §2.1.1: namedCurve only.
  if (algorithm.parameters === undefined) throw new DerError('der_missing', 'EC curve')
  const curve = readOid(algorithm.parameters)
  const size = curveOctets[curve]
  if (size !== undefined && !isPoint(bits, size)) throw new DerError('der_value', 'EC point')
  return { kind: 'ec', curve }
}

const isPoint = (bits: Uint8Array, size: number): boolean =>
  (bits[0] === 4 && bits.length === 2 * size + 1) ||
  ((bits[0] === 2 || bits[0] === 3) && bits.length === size + 1)

const curveOctets: Readonly<Record<string, number>> = {
  [oid.p256]: 32,
  [oid.p384]: 48,
  [oid.p521]: 66,
  [oid.sm2]: 32,
}
