import { once } from 'node:events'
import { type ClientRequest, IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { decodeBase64Url } from '../crypto/base64url.ts'
import { parseJson } from '../crypto/parse-json.ts'
import { SignerRefusedError } from '../stock/signer-refused-error.ts'
import type { RowSignature, RowToSign, SigningOrder } from '../stock/stock-deps.ts'
import { readLines } from './read-lines.ts'

const lineBytesMax = 4096

/**
 * Sends an order and its rows to a department's signer and yields the signatures, which come only
 * after the signer has checked all rows. Neither side holds more than a few rows.
 * @throws SignerRefusedError when the signer will not sign; any other error means: ask again later
 */
export async function* requestSignatures(
  url: string,
  order: SigningOrder,
  rows: AsyncIterable<RowToSign>,
  signal: AbortSignal,
): AsyncGenerator<RowSignature> {
  const request = open(url, signal)
  const sent = pipeline(Readable.from(linesOf(order, rows)), request)
  // A refusal may come, and the connection end, before all is sent; the answer then says why.
  sent.catch(() => undefined)
  const response = await answerTo(request)
  if (response.statusCode !== 200) throw await refusal(response)
  for await (const line of readLines(response, lineBytesMax)) {
    const { chunk, line: number, signature } = signatureLine.parse(parseJson(line))
    yield { chunk, line: number, signature: decodeBase64Url(signature) }
  }
}

const signatureLine = z.strictObject({
  chunk: z.int().min(1),
  line: z.int().min(1),
  signature: z.string().length(86),
})

async function* linesOf(
  order: SigningOrder,
  rows: AsyncIterable<RowToSign>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(order)}\n`
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}

/** Rows hold personal data: in the clear they go no further than this machine. */
const open = (url: string, signal: AbortSignal): ClientRequest => {
  const target = new URL('/sign', url)
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(target.hostname)
  if (target.protocol === 'http:' && !isLocal) {
    throw new RangeError('a signer on another machine is reached over https only')
  }
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest
  return send(target, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    signal,
  })
}

const answerTo = async (request: ClientRequest): Promise<IncomingMessage> => {
  const answer: readonly unknown[] = await once(request, 'response')
  const [response] = answer
  if (!(response instanceof IncomingMessage)) throw new TypeError('no response')
  return response
}

const refusalBody = z.object({ code: z.string().regex(/^[a-z_]{1,60}$/) })

const refusal = async (response: IncomingMessage): Promise<Error> => {
  for await (const line of readLines(response, lineBytesMax)) {
    if (response.statusCode !== 422) break
    return new SignerRefusedError(refusalBody.parse(parseJson(line)).code)
  }
  return new Error(`the signer answered ${String(response.statusCode)}`)
}
