import type { Json } from '../contract/endpoint.ts'
import type { Disclosure } from './credential.ts'
import { saltBytes } from '../crypto/issue-sd-jwt.ts'

/** What stands encrypted in the row of a licence. */
export type SecretPart = {
  readonly disclosures: readonly Disclosure[]
  /** A whole identifier with a wrong check character, under which the licence is indexed too. */
  readonly legacyAlias: string | undefined
}

/**
 * `count (1) | salts (16 each) | JSON of [name, value, name, value … , alias?]`. The values keep the JSON
 * text that JSON.stringify gives them, so that the disclosures come back byte for byte.
 */
export const encodeSecretPart = ({ disclosures, legacyAlias }: SecretPart): Uint8Array => {
  const flat: Json[] = disclosures.flatMap(({ name, value }) => [name, value])
  if (legacyAlias !== undefined) flat.push(legacyAlias)
  return Buffer.concat([
    Buffer.of(disclosures.length),
    ...disclosures.map(({ salt }) => salt),
    Buffer.from(JSON.stringify(flat)),
  ])
}

/** @throws TypeError when the bytes are not what encodeSecretPart makes. */
export const decodeSecretPart = (bytes: Uint8Array): SecretPart => {
  const count = bytes[0] ?? 0
  const start = 1 + count * saltBytes
  const flat: unknown = JSON.parse(Buffer.from(bytes.subarray(start)).toString('utf8'))
  if (!isJsonList(flat) || flat.length < count * 2) throw new TypeError('not disclosures')
  const disclosures = Array.from({ length: count }, (_, at) => ({
    salt: bytes.subarray(1 + at * saltBytes, 1 + (at + 1) * saltBytes),
    name: textAt(flat, at * 2),
    value: flat[at * 2 + 1] ?? null,
  }))
  const legacyAlias = flat.length > count * 2 ? textAt(flat, count * 2) : undefined
  return { disclosures, legacyAlias }
}

const textAt = (flat: readonly Json[], at: number): string => {
  const text = flat[at]
  if (typeof text !== 'string') throw new TypeError('not disclosures')
  return text
}

/** JSON.parse makes nothing but JSON; the bytes were authenticated before they came here. */
const isJsonList = (value: unknown): value is readonly Json[] => Array.isArray(value)
