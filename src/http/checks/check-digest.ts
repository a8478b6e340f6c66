import { GatewayError } from '../../contract/error.ts'
import { digest, type DigestName, digestText } from '../../crypto/digest.ts'
import {
  type ContentDigest,
  parseContentDigest,
} from '../../crypto/message-signature/content-digest.ts'
import { MessageSignatureError } from '../../crypto/message-signature/structured-field.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

/**
 * Holds the body against its signed digest. Of a streamed body only the header is read here; its bytes
 * are counted and hashed on their way (streamed-body.ts).
 * @throws GatewayError digest_mismatch
 */
export const checkDigest = ({ digestName }: PipelineDeps, exchange: Exchange): void => {
  const { body, endpoint } = exchange
  const header = exchange.raw.headers.get('content-digest')
  const claimed = header === undefined ? undefined : readContentDigest(header, digestName)
  if (endpoint.body === 'stream' || body.length > 0) {
    if (claimed === undefined) throw new GatewayError('digest_mismatch', textsZh.digestMissing)
  }
  if (endpoint.body === 'stream') return
  exchange.bodyDigest = digestText(digestName, body)
  if (claimed !== undefined && !isDigestOf(claimed, body))
    throw new GatewayError('digest_mismatch', textsZh.digestWrong)
}

/** @throws GatewayError digest_mismatch for no or several algorithms, or one that the profile has not */
export const readContentDigest = (header: string, own: DigestName): ContentDigest => {
  const claimed = parse(header)
  if (own === 'sm3' && claimed.algorithm !== 'sm3')
    throw new GatewayError('digest_mismatch', textsZh.digestNotOfProfile)
  return claimed
}

const parse = (header: string): ContentDigest => {
  try {
    return parseContentDigest(header)
  } catch (cause) {
    if (!(cause instanceof MessageSignatureError)) throw cause
    throw new GatewayError('digest_mismatch', textsZh.digestUnreadable, { cause })
  }
}

const isDigestOf = (claimed: ContentDigest, body: Uint8Array): boolean =>
  Buffer.compare(digest(claimed.algorithm, body), claimed.digest) === 0
