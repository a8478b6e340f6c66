import { CryptoError } from '../crypto/crypto-error.ts'

/** A signed request as it is kept beside its event: whoever holds it can check who asked for what. */
export type KeptRequest = {
  readonly signatureBase: string
  readonly signature: Uint8Array
  /** The body, or for stock chunks its digest text. */
  readonly body?: Uint8Array
  readonly bodyDigest?: string
}

/** Four parts, each with a 32-bit big-endian length before it; an absent part has length 0xffffffff. */
export const encodeKeptRequest = (request: KeptRequest): Uint8Array =>
  Buffer.concat(
    [
      Buffer.from(request.signatureBase),
      request.signature,
      request.body,
      request.bodyDigest === undefined ? undefined : Buffer.from(request.bodyDigest),
    ].flatMap((part) => (part === undefined ? [absent] : [lengthOf(part), part])),
  )

/** @throws CryptoError blob_malformed */
export const decodeKeptRequest = (bytes: Uint8Array): KeptRequest => {
  const parts = [...partsOf(Buffer.from(bytes))]
  const [signatureBase, signature, body, bodyDigest] = parts
  if (parts.length !== 4 || !signatureBase || !signature) throw malformed()
  return {
    signatureBase: signatureBase.toString(),
    signature,
    ...(body === undefined ? {} : { body }),
    ...(bodyDigest === undefined ? {} : { bodyDigest: bodyDigest.toString() }),
  }
}

const absent = Buffer.alloc(4, 0xff)

const lengthOf = (part: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.length)
  return length
}

const partsOf = function* (bytes: Buffer): Generator<Buffer | undefined> {
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw malformed()
    const length = bytes.readUInt32BE(at)
    at += 4
    if (length === 0xffffffff) {
      yield undefined
      continue
    }
    if (at + length > bytes.length) throw malformed()
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const malformed = () => new CryptoError('blob_malformed', 'not a kept request')
