import { GatewayError } from '../../contract/error.ts'
import type { Exchange } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'

/**
 * The address and the length that the head declares; header size is the parser's business (listen.ts).
 * @throws GatewayError head_too_large, body_too_large, chunk_too_large
 */
export const checkHead = ({ limits }: PipelineDeps, { raw, endpoint }: Exchange): void => {
  if (raw.target.length > limits.targetCharsMax)
    throw new GatewayError('head_too_large', textsZh.targetTooLong)
  const declared = Number(raw.headers.get('content-length') ?? 0)
  if (declared > bodyBytesMax(limits, endpoint)) throw bodyTooLarge(limits, endpoint)
}

type Limits = Pick<PipelineDeps['limits'], 'bodyBytesMax'>
type Sized = Pick<Exchange['endpoint'], 'bodyBytesMax' | 'kind' | 'body'>

export const bodyBytesMax = (limits: Limits, endpoint: Pick<Sized, 'bodyBytesMax'>): number =>
  endpoint.bodyBytesMax ?? limits.bodyBytesMax

export const bodyTooLarge = (limits: Limits, endpoint: Sized): GatewayError =>
  new GatewayError(
    endpoint.body === 'stream' ? 'chunk_too_large' : 'body_too_large',
    textsZh.bodyTooLarge(bodyBytesMax(limits, endpoint)),
  )
