import { GatewayError } from '../contract/error.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { startDigest } from '../crypto/digest.ts'
import { bodyBytesMax, bodyTooLarge } from './checks/check-head.ts'
import { cutShort } from './checks/check-body-length.ts'
import { readContentDigest } from './checks/check-digest.ts'
import { type Exchange, found } from './exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { textsZh } from './texts-zh.ts'

/** A body that passes through without being kept. */
export type StreamedBody = {
  readonly chunks: AsyncIterable<Uint8Array>
  /**
   * Reads what the handler has left and holds the whole against the signed digest; answers
   * `<digest name>:<base64url>`. A transaction commits only after this.
   * @throws GatewayError digest_mismatch, chunk_too_large
   */
  readonly finish: () => Promise<string>
}

/** Counts and hashes a streamed body while it is read. */
export const streamedBody = (
  { limits, digestName }: PipelineDeps,
  exchange: Exchange,
): StreamedBody => {
  const { raw, endpoint } = exchange
  const claimed = readContentDigest(found(raw.headers.get('content-digest')), digestName)
  const own = startDigest(digestName)
  const theirs = claimed.algorithm === digestName ? undefined : startDigest(claimed.algorithm)
  const source = raw.stream()[Symbol.asyncIterator]()
  let length = 0
  const requireWithin = (): void => {
    if (length > bodyBytesMax(limits, endpoint)) throw bodyTooLarge(limits, endpoint)
  }
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    requireWithin()
    const result = await source.next().catch(cutShort)
    if (result.done === true) return result
    length += result.value.length
    requireWithin()
    own.update(result.value)
    theirs?.update(result.value)
    return result
  }
  return {
    // Without `return`, a handler that stops early does not close the source: finish reads the rest.
    chunks: { [Symbol.asyncIterator]: () => ({ next }) },
    finish: async () => {
      while ((await next()).done !== true);
      const digest = own.digest()
      if (Buffer.compare(theirs?.digest() ?? digest, claimed.digest) !== 0)
        throw new GatewayError('digest_mismatch', textsZh.digestWrong)
      return `${digestName}:${encodeBase64Url(digest)}`
    },
  }
}
