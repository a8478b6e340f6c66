import { digest, type DigestName } from '../digest.ts'
import { encodeBase64 } from '../base64url.ts'
import { parseDictionary } from './parse-structured-field.ts'
import { isInnerList, MessageSignatureError } from './structured-field.ts'

export type ContentDigest = { readonly algorithm: DigestName; readonly digest: Uint8Array }

/** The value of a Content-Digest header (RFC 9530) over a body. */
export const contentDigest = (algorithm: DigestName, body: Uint8Array): string =>
  `${algorithm}=:${encodeBase64(digest(algorithm, body))}:`

/**
 * Reads a Content-Digest header that names exactly one algorithm, sha-256 or sm3: with two, one reader
 * could check the weaker one.
 * @throws MessageSignatureError digest_field, field_malformed
 */
export const parseContentDigest = (text: string): ContentDigest => {
  const members = [...parseDictionary(text)]
  const [name, member] = members[0] ?? []
  if (members.length !== 1 || (name !== 'sha-256' && name !== 'sm3'))
    throw new MessageSignatureError('digest_field', 'exactly one of sha-256 and sm3')
  if (member === undefined || isInnerList(member) || member.item.kind !== 'bytes')
    throw new MessageSignatureError('digest_field', 'a byte sequence is expected')
  return { algorithm: name, digest: member.item.value }
}
