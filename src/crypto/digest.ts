import { createHash, hash, type Hash } from 'node:crypto'
import { encodeBase64Url } from './base64url.ts'

/** Names as in RFC 9530 and `_sd_alg`. */
export type DigestName = 'sha-256' | 'sm3'

/** Bytes of either digest. */
export const digestLengthBytes = 32

/** SHA-256 or SM3 of the bytes, or of the UTF-8 form of a text. */
export const digest = (name: DigestName, input: Uint8Array | string): Uint8Array =>
  hash(nodeName(name), input, 'buffer')

/** `sha-256:<base64url>`, the form in which events and envelopes name a digest. */
export const digestText = (name: DigestName, input: Uint8Array | string): string =>
  `${name}:${encodeBase64Url(digest(name, input))}`

/** A digest over bytes that come in pieces. */
export const startDigest = (name: DigestName): Hash => createHash(nodeName(name))

const nodeName = (name: DigestName): 'sha256' | 'sm3' => (name === 'sha-256' ? 'sha256' : 'sm3')
