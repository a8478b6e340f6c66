import { decodeBase64Url, encodeBase64Url } from '../crypto/base64url.ts'
import type { Frontier } from '../crypto/merkle.ts'
import type { BatchProgress } from './batch.ts'

/** The right edge of a batch's Merkle tree, to and from the text in which progress is kept. */
export const storeFrontier = ({ size, hashes }: Frontier): BatchProgress['frontier'] => ({
  size,
  hashes: hashes.map(encodeBase64Url),
})

export const loadFrontier = ({ size, hashes }: BatchProgress['frontier']): Frontier => ({
  size,
  hashes: hashes.map((hash) => decodeBase64Url(hash)),
})
