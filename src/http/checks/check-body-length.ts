import { GatewayError } from '../../contract/error.ts'
import type { Exchange } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { BodyCutShortError } from '../raw-request.ts'
import { textsZh } from '../texts-zh.ts'
import { bodyBytesMax, bodyTooLarge } from './check-head.ts'

/** Reads a body that is not streamed. @throws GatewayError body_too_large, digest_mismatch when it was cut short */
export const checkBodyLength = async (
  { limits }: PipelineDeps,
  exchange: Exchange,
): Promise<void> => {
  const { endpoint, raw } = exchange
  const body = await raw.readBody(bodyBytesMax(limits, endpoint)).catch(cutShort)
  if (body === undefined) throw bodyTooLarge(limits, endpoint)
  exchange.body = body
}

/** A body that did not arrive whole cannot have the digest that was signed. */
export const cutShort = (cause: unknown): never => {
  if (!(cause instanceof BodyCutShortError)) throw cause
  throw new GatewayError('digest_mismatch', textsZh.bodyCutShort, { cause })
}
