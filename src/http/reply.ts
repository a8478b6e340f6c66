import { errorTable } from '../contract/error-table.ts'
import type { ErrorCode, GatewayError } from '../contract/error.ts'
import type { Receipt } from '../ledger/filing.ts'
import type { Exchange } from './exchange.ts'
import { problemText } from './problem.ts'

/** An answer, ready for the wire. */
export type Reply = {
  readonly status: number
  /** Set when the answer is a problem. */
  readonly code?: ErrorCode
  readonly headers: Record<string, string>
  readonly body: string
}

/** `{"data":…,"receipt":…}`: the data is sent as the very JCS text whose digest the event holds. */
export const dataReply = (
  exchange: Exchange,
  answer: {
    readonly status: number
    readonly dataText: string
    readonly receipt: Receipt
    readonly headers?: Readonly<Record<string, string>>
  },
): Reply => ({
  status: answer.status,
  headers: { ...baseHeaders(exchange), 'content-type': 'application/json', ...answer.headers },
  body: `{"data":${answer.dataText},"receipt":${JSON.stringify(answer.receipt)}}`,
})

/** A problem document, its receipt behind all other members when it was filed. */
export const problemReply = (
  error: GatewayError,
  request: Pick<Exchange, 'requestId'> & {
    readonly publicUrl: string
    readonly rate?: Exchange['rate']
  },
  receipt?: Receipt,
): Reply => {
  const problem = problemText(error, request)
  return {
    status: errorTable[error.code].status,
    code: error.code,
    headers: { ...baseHeaders(request), ...problemHeaders(error) },
    body: receipt === undefined ? problem : withReceipt(problem, receipt),
  }
}

const withReceipt = (problem: string, receipt: Receipt): string =>
  `${problem.slice(0, -1)},"receipt":${JSON.stringify(receipt)}}`

const baseHeaders = ({
  requestId,
  rate,
}: Pick<Exchange, 'requestId'> & { readonly rate?: Exchange['rate'] }): Record<string, string> => {
  const headers: Record<string, string> = { 'x-request-id': requestId, 'cache-control': 'no-store' }
  if (rate === undefined) return headers
  headers['ratelimit-limit'] = String(rate.limit)
  headers['ratelimit-remaining'] = String(rate.remaining)
  headers['ratelimit-reset'] = String(rate.resetSeconds)
  return headers
}

const problemHeaders = ({ code, retryAfterMs }: GatewayError): Record<string, string> => {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  const { status } = errorTable[code]
  if (status === 401) headers['www-authenticate'] = 'Signature realm="zhengqiao"'
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
  // What is left of a body that nobody reads would otherwise be taken for the next request.
  if (status === 413) headers['connection'] = 'close'
  return headers
}
