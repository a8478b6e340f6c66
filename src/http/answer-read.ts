import type { Answer, ReadEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { Companion, Receipt } from '../ledger/filing.ts'
import { newReceiptNo } from '../ledger/receipt-no.ts'
import { callOf, type Exchange } from './exchange.ts'
import { filingOf, type Outcome } from './file-exchange.ts'
import type { Reservation, StoredResult } from './idempotency.ts'
import { resultRow } from './idempotency-store.ts'
import { nextPageLink } from './next-page-link.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { replayDeed, replayHeaders } from './replay.ts'
import { dataReply, type Reply } from './reply.ts'
import { requireStillGood } from './require-still-good.ts'

/**
 * Lets a read answer, files it, and hands out the answer when the event is in the log. A repeated read
 * is judged again, to see whether the caller may still have it; what it gets is the first answer.
 */
export const answerRead = async (
  deps: PipelineDeps,
  exchange: Exchange,
  endpoint: ReadEndpoint,
): Promise<Reply> => {
  const call = callOf(exchange, undefined)
  const first = exchange.reservation?.first
  if (first === undefined) return fileAnswer(deps, exchange, await endpoint.handle(call))
  if (endpoint.repeat === undefined) {
    const { deed } = await endpoint.handle(call)
    return replayAnswer(deps, exchange, { first, deed: replayDeed(exchange, first, deed) })
  }
  const { deed, data } = await endpoint.repeat(call, parseJson(first.dataText))
  return replayAnswer(deps, exchange, {
    first: { ...first, dataText: canonicalJson(data) },
    deed: replayDeed(exchange, first, deed),
  })
}

const fileAnswer = async (
  deps: PipelineDeps,
  exchange: Exchange,
  answer: Answer,
): Promise<Reply> => {
  await requireStillGood(deps, exchange)
  const { deed, status, headers = {} } = answer
  const dataText = canonicalJson(answer.data)
  const no = newReceiptNo(deps.randomBytes)
  const outcome: Outcome = { no, deed, status, answerText: dataText }
  const keptText = answer.kept === undefined ? dataText : canonicalJson(answer.kept)
  const companions = [
    ...(answer.companions ?? []),
    ...keptResult(deps, exchange.reservation, { receiptNo: no, status, dataText: keptText }),
  ]
  const receipt = await fileOnce(deps, exchange, { ...outcome, companions })
  const link = nextPageLink(exchange.raw.target, answer.data)
  return dataReply(exchange, { status, dataText, receipt, headers: { ...headers, ...link } })
}

/** When another node was quicker with the same key, the ledger has taken the nonce and nothing else. */
const fileOnce = async (
  deps: PipelineDeps,
  exchange: Exchange,
  outcome: Outcome,
): Promise<Receipt> => {
  try {
    return await deps.ledger.file(filingOf(deps, exchange, outcome))
  } catch (error) {
    exchange.nonceFiled = error instanceof GatewayError && error.code === 'idempotency_in_progress'
    throw error
  }
}

/** Answers what was answered before, under a receipt of its own that names the first. */
export const replayAnswer = async (
  deps: PipelineDeps,
  exchange: Exchange,
  { first, deed }: { readonly first: StoredResult; readonly deed: Outcome['deed'] },
): Promise<Reply> => {
  await requireStillGood(deps, exchange)
  const { status, dataText } = first
  const no = newReceiptNo(deps.randomBytes)
  const filing = filingOf(deps, exchange, { no, deed, status, answerText: dataText })
  const receipt = await deps.ledger.file(filing)
  return dataReply(exchange, { status, dataText, receipt, headers: replayHeaders })
}

const keptResult = (
  deps: PipelineDeps,
  reservation: Reservation | undefined,
  result: StoredResult,
): Companion[] => {
  if (reservation === undefined) return []
  const row = resultRow(deps.dataKeys, reservation, result, deps.clock.now())
  return [{ table: 'idempotency', row, conflict: reservation.replaces ? 'replace' : 'lost' }]
}
