import type { Json } from '../contract/endpoint.ts'
import type { Disclosure } from './credential.ts'
import { saltBytes } from './make-credential.ts'

/**
 * Disclosures as they are encrypted: `count (1) | salts (16 each) | JSON of name, value, name, value …`.
 * JSON text is kept as JSON.stringify wrote it, so that the disclosures come back byte for byte.
 */
export const encodeDisclosures = (disclosures: readonly Disclosure[]): Uint8Array =>
  Buffer.concat([
    Buffer.of(disclosures.length),
    ...disclosures.map(({ salt }) => salt),
    Buffer.from(JSON.stringify(disclosures.flatMap(({ name, value }) => [name, value]))),
  ])

/** @throws TypeError when the bytes are not what encodeDisclosures makes. */
export const decodeDisclosures = (bytes: Uint8Array): readonly Disclosure[] => {
  const count = bytes[0] ?? 0
  const start = 1 + count * saltBytes
  const text = Buffer.from(bytes.subarray(start)).toString('utf8')
  const flat: unknown = JSON.parse(text)
  if (!isJsonList(flat) || flat.length !== count * 2) throw new TypeError('not disclosures')
  return Array.from({ length: count }, (_, at) => ({
    salt: bytes.subarray(1 + at * saltBytes, 1 + (at + 1) * saltBytes),
    name: nameAt(flat, at * 2),
    value: flat[at * 2 + 1] ?? null,
  }))
}

const nameAt = (flat: readonly Json[], at: number): string => {
  const name = flat[at]
  if (typeof name !== 'string') throw new TypeError('not disclosures')
  return name
}

/** JSON.parse makes nothing but JSON; the bytes were authenticated before they came here. */
const isJsonList = (value: unknown): value is readonly Json[] => Array.isArray(value)
