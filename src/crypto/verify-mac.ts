import { createHmac, timingSafeEqual } from 'node:crypto'

const hashes: ReadonlyMap<string, { readonly name: string; readonly bytes: number }> = new Map([
  ['HS256', { name: 'sha256', bytes: 32 }],
  ['HS384', { name: 'sha384', bytes: 48 }],
  ['HS512', { name: 'sha512', bytes: 64 }],
])

/**
 * True when the tag is the HMAC of the bytes under exactly this JOSE algorithm, in constant time. A key
 * shorter than the hash is refused (RFC 7518 §3.2).
 */
export const verifyMac = (
  alg: string,
  secret: Uint8Array,
  bytes: Uint8Array,
  tag: Uint8Array,
): boolean => {
  const hash = hashes.get(alg)
  if (hash === undefined || secret.length < hash.bytes || tag.length !== hash.bytes) return false
  return timingSafeEqual(createHmac(hash.name, secret).update(bytes).digest(), tag)
}

export const isMacAlgorithm = (alg: string): boolean => hashes.has(alg)
