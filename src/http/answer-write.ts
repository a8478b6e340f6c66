import type { Answer, WriteEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { newReceiptNo } from '../ledger/receipt-no.ts'
import { inTransaction, type Tx } from '../store/in-transaction.ts'
import { replayAnswer } from './answer-read.ts'
import { callOf, type Exchange } from './exchange.ts'
import { filingOf } from './file-exchange.ts'
import { saveResult } from './idempotency-store.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { replayDeed } from './replay.ts'
import { dataReply, type Reply } from './reply.ts'
import { requireStillGood } from './require-still-good.ts'
import { streamedBody } from './streamed-body.ts'

/**
 * Runs a write in one transaction with its nonce, its idempotency result and its event, and answers when
 * the event is in the log. After a crash between commit and answer, the same key replays the answer.
 */
export const answerWrite = async (
  deps: PipelineDeps,
  exchange: Exchange,
  endpoint: WriteEndpoint<Tx>,
): Promise<Reply> => {
  const first = exchange.reservation?.first
  if (first !== undefined)
    return replayAnswer(deps, exchange, { first, deed: replayDeed(exchange, first) })
  const no = newReceiptNo(deps.randomBytes)
  const { answer, dataText } = await inTransaction(deps.store, async (tx) => {
    const answer = await act(deps, exchange, { endpoint, tx })
    await requireStillGood(deps, exchange)
    const dataText = canonicalJson(answer.data)
    const { status, deed, companions } = answer
    await keepResult(deps, exchange, { tx, result: { receiptNo: no, status, dataText } })
    const outcome = { no, deed, status, answerText: dataText }
    await deps.ledger.enqueue(
      tx,
      filingOf(deps, exchange, companions === undefined ? outcome : { ...outcome, companions }),
    )
    return { answer, dataText }
  })
  exchange.nonceFiled = true
  const receipt = await deps.ledger.settle(no)
  return dataReply(exchange, {
    status: answer.status,
    dataText,
    receipt,
    ...(answer.headers === undefined ? {} : { headers: answer.headers }),
  })
}

const act = async (
  deps: PipelineDeps,
  exchange: Exchange,
  { endpoint, tx }: { readonly endpoint: WriteEndpoint<Tx>; readonly tx: Tx },
): Promise<Answer> => {
  if (endpoint.body !== 'stream') return endpoint.handle(callOf(exchange, tx))
  const body = streamedBody(deps, exchange)
  try {
    return await endpoint.handle(callOf(exchange, tx, body.chunks))
  } finally {
    // A wrong digest outranks what the handler found in bytes that nobody signed.
    exchange.bodyDigest = await body.finish()
  }
}

const keepResult = async (
  deps: PipelineDeps,
  { reservation }: Exchange,
  {
    tx,
    result,
  }: {
    readonly tx: Tx
    readonly result: Parameters<typeof saveResult>[3]
  },
): Promise<void> => {
  if (reservation === undefined) return
  if (!(await saveResult(tx, deps.dataKeys, reservation, result)))
    throw new GatewayError('idempotency_in_progress', undefined, { retryAfterMs: 1000 })
}
