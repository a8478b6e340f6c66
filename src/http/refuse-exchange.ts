import type { Deed } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { isUuid } from '../contract/uuid.ts'
import type { Receipt } from '../ledger/filing.ts'
import { newReceiptNo } from '../ledger/receipt-no.ts'
import type { Exchange } from './exchange.ts'
import { filingOf } from './file-exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { problemText } from './problem.ts'
import { problemReply, type Reply } from './reply.ts'

/**
 * Files a refusal of a verified request and answers it with its receipt. A nonce that turns out to be
 * used makes it a replay; what cannot be filed is answered ledger_unavailable.
 */
export const refuseExchange = async (
  deps: PipelineDeps,
  exchange: Exchange,
  error: GatewayError,
): Promise<Reply> => {
  const request = { ...exchange, publicUrl: deps.publicUrl }
  if (error.code === 'ledger_unavailable') return problemReply(error, request)
  try {
    return problemReply(error, request, await fileRefusal(deps, exchange, error))
  } catch (cause) {
    const isReplay = cause instanceof GatewayError && cause.code === 'nonce_replayed'
    if (isReplay && error.code !== 'nonce_replayed') return refuseExchange(deps, exchange, cause)
    return problemReply(new GatewayError('ledger_unavailable', undefined, { cause }), request)
  }
}

const fileRefusal = (
  deps: PipelineDeps,
  exchange: Exchange,
  error: GatewayError,
): Promise<Receipt> => {
  const answerText = problemText(error, { ...exchange, publicUrl: deps.publicUrl })
  const { nonce, ...filing } = filingOf(deps, exchange, {
    no: newReceiptNo(deps.randomBytes),
    deed: refusalDeed(exchange, error),
    status: error.status,
    code: error.code,
    answerText,
  })
  // The row of a replayed nonce is there already, under the event of the request that used it first.
  const isNew = nonce !== undefined && error.code !== 'nonce_replayed' && !exchange.nonceFiled
  return deps.ledger.file(isNew ? { ...filing, nonce } : filing)
}

/** Names the operation and the opaque ids in its address: nothing that could be personal. */
const refusalDeed = ({ endpoint, params }: Exchange, error: GatewayError): Deed => {
  const { caseId, ...ids } = Object.fromEntries(
    Object.entries(params).filter(([, value]) => isUuid(value)),
  )
  return {
    action: 'request.refused',
    decision: 'denied',
    detail: { operation: endpoint.operationId, source: error.source, ...ids },
    ...(caseId === undefined ? {} : { caseId }),
  }
}
