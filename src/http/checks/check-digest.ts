import { GatewayError } from '../../contract/error.ts'
import { digest, digestText } from '../../crypto/digest.ts'
import {
  type ContentDigest,
  parseContentDigest,
} from '../../crypto/message-signature/content-digest.ts'
import { MessageSignatureError } from '../../crypto/message-signature/structured-field.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

/**
 * Holds the body against its signed digest. Of a streamed body only the header is read here; its bytes
 * are counted and hashed on their way (streamed-body.ts).
 * @throws GatewayError digest_mismatch
 */
export const checkDigest = (_deps: unknown, exchange: Exchange): void => {
  const { body, endpoint } = exchange
  const header = exchange.raw.headers.get('content-digest')
  const claimed = header === undefined ? undefined : readContentDigest(header)
  if (endpoint.body === 'stream' || body.length > 0) {
    if (claimed === undefined) throw new GatewayError('digest_mismatch', textsZh.digestMissing)
  }
  if (endpoint.body === 'stream') return
  exchange.bodyDigest = digestText('sha-256', body)
  if (claimed !== undefined && !isDigestOf(claimed, body))
    throw new GatewayError('digest_mismatch', textsZh.digestWrong)
}

/** @throws GatewayError digest_mismatch when the header names no or several algorithms */
export const readContentDigest = (header: string): ContentDigest => {
  try {
    return parseContentDigest(header)
  } catch (cause) {
    if (!(cause instanceof MessageSignatureError)) throw cause
    throw new GatewayError('digest_mismatch', textsZh.digestUnreadable, { cause })
  }
}

const isDigestOf = (claimed: ContentDigest, body: Uint8Array): boolean =>
  Buffer.compare(digest(claimed.algorithm, body), claimed.digest) === 0
