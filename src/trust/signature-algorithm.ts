import { derStructure, DerError, derExplicit, readDer } from '../crypto/read-der.ts'
import { readNull, readSmallInteger } from '../crypto/read-der-value.ts'
import { derTag } from '../crypto/write-der.ts'
import { oid } from './oid.ts'
import { parseAlgorithm, type AlgorithmIdentifier } from './public-key.ts'

/** How a signature is to be checked; hash names are node's. */
export type SignatureScheme =
  | { readonly kind: 'rsa' | 'ec'; readonly hash: string }
  | { readonly kind: 'rsaPss'; readonly hash: string; readonly saltLength: number }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'sm2'; readonly hash: 'sm3' }

/** The scheme of an AlgorithmIdentifier, undefined for unknown ones and for wrong parameters. */
export const signatureScheme = (algorithm: AlgorithmIdentifier): SignatureScheme | undefined => {
  const { id, parameters } = algorithm
  if (id === oid.rsaPss) return pssScheme(algorithm)
  const rsaHash = rsaHashes[id]
  if (rsaHash !== undefined) {
    // RFC 3279 §2.2.1: NULL. RFC 4055 §5 has verifiers take absent parameters, too.
    const isPlain = parameters === undefined || isNull(algorithm)
    return isPlain ? { kind: 'rsa', hash: rsaHash } : undefined
  }
  if (parameters !== undefined) return undefined
  const ecHash = ecHashes[id]
  if (ecHash !== undefined) return { kind: 'ec', hash: ecHash }
  if (id === oid.ed25519) return { kind: 'ed25519' }
  return id === oid.sm2WithSm3 ? { kind: 'sm2', hash: 'sm3' } : undefined
}

const isNull = ({ parameters }: AlgorithmIdentifier): boolean =>
  parameters?.tag === derTag.null && parameters.content.length === 0

const pssScheme = ({ parameters }: AlgorithmIdentifier): SignatureScheme | undefined => {
  if (parameters?.tag !== derTag.sequence) return undefined
  try {
    return derStructure(parameters, (reader) => {
      const hashNode = reader.optional(0xa0)
      const maskNode = reader.optional(0xa1)
      const saltNode = reader.optional(0xa2)
      const hash = hashNode ? readHash(parseAlgorithm(derExplicit(hashNode))) : 'sha1'
      const maskHash = maskNode ? readMaskHash(parseAlgorithm(derExplicit(maskNode))) : 'sha1'
      const saltLength = saltNode ? readSmallInteger(derExplicit(saltNode)) : 20
      // Verifying with two hashes is legal and used by nobody; node's API cannot tell it apart.
      if (hash !== maskHash || saltLength > 64) throw new DerError('der_value', 'PSS')
      return { kind: 'rsaPss', hash, saltLength }
    })
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

const readHash = (algorithm: AlgorithmIdentifier): string => {
  const hash = hashes[algorithm.id]
  if (hash === undefined) throw new DerError('der_value', 'PSS hash')
  if (algorithm.parameters !== undefined) readNull(algorithm.parameters)
  return hash
}

const readMaskHash = ({ id, parameters }: AlgorithmIdentifier): string => {
  if (id !== oid.mgf1 || parameters === undefined) throw new DerError('der_value', 'PSS mask')
  return readHash(parseAlgorithm(readDer(parameters.encoding)))
}

const rsaHashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
}

const ecHashes: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.1': 'sha224',
  [oid.ecdsaWithSha256]: 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

const hashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
