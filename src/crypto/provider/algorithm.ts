import { CryptoError } from '../crypto-error.ts'

/** WebCrypto's two ways to name an algorithm. */
export type AlgorithmLike = string | { readonly name: string }

export type BytesLike = ArrayBuffer | ArrayBufferView

/** Parameters of ours beside the name; each operation takes the ones that it knows. */
export type GmParameters = {
  readonly name: string
  readonly hash?: AlgorithmLike
  /** SM2 user id. */
  readonly id?: BytesLike
  /** SM2 encryption: `der` unless given. */
  readonly form?: 'der' | 'raw'
  readonly iv?: BytesLike
  readonly additionalData?: BytesLike
  readonly length?: number
}

/** The parameters under their canonical names, which WebCrypto compares without regard to case. */
export const parametersOf = (algorithm: AlgorithmLike): GmParameters =>
  typeof algorithm === 'string'
    ? { name: algorithm.toUpperCase() }
    : { ...algorithm, name: algorithm.name.toUpperCase() }

/** True for what this provider does itself; everything else is WebCrypto's. */
export const isGmAlgorithm = (algorithm: AlgorithmLike): boolean => {
  const { name, hash } = parametersOf(algorithm)
  return (
    ownNames.has(name) ||
    (name === 'HMAC' && hash !== undefined && parametersOf(hash).name === 'SM3')
  )
}

const ownNames: ReadonlySet<string> = new Set(['SM2', 'SM3', 'SM4-CBC', 'SM4-GCM'])

export const toBytes = (data: BytesLike): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)

/** A copy of its own: callers may change what they get. */
export const toArrayBuffer = (bytes: Uint8Array): ArrayBuffer => {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return copy
}

/** @throws CryptoError algorithm_unsupported */
export const requireBytes = (data: BytesLike | undefined, what: string): Uint8Array => {
  if (data === undefined) throw new CryptoError('algorithm_unsupported', `${what} is missing`)
  return toBytes(data)
}

export const unsupported = (what: string): CryptoError =>
  new CryptoError('algorithm_unsupported', `${what} is not supported`)
