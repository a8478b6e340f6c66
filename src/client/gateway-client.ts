import type { RandomBytes } from '../contract/uuid.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import {
  type OutgoingRequest,
  type RequestKey,
  type SignedRequest,
  signRequest,
} from './sign-request.ts'

/** What a client remembers of itself between requests, so that a gap in the evidence shows. */
export type ClientChain = {
  readonly sequence: number
  /** Number of the last receipt that it holds. */
  readonly lastReceiptNo: string | undefined
}

export type ClientOptions = {
  /** The gateway's public URL, which is what gets signed. */
  readonly publicUrl: string
  /** Where to connect, when that is another address. */
  readonly connectUrl?: string
  readonly key: RequestKey
  readonly now: () => Date
  readonly randomBytes: RandomBytes
  /** A clerk system names the operator for whom it asks. */
  readonly operatorId?: string
  readonly chain?: ClientChain
  readonly send?: (request: SignedRequest, url: string) => Promise<Response>
}

/** An answer of the gateway, whatever it says. */
export type GatewayAnswer = {
  readonly status: number
  readonly headers: Headers
  /** `data` of a good answer. */
  readonly data: JsonValue | undefined
  /** The problem document of a refusal, without its receipt. */
  readonly problem: JsonObject | undefined
  /** The receipt, when the exchange was filed: with `data` it is a receipt file. */
  readonly receipt: JsonObject | undefined
  /** The body as it came. */
  readonly text: string
}

export type RequestOptions = Pick<OutgoingRequest, 'idempotencyKey' | 'operatorId' | 'contentType'>

export type GatewayClient = {
  readonly request: (
    method: OutgoingRequest['method'],
    path: string,
    body?: JsonValue | Uint8Array,
    options?: RequestOptions,
  ) => Promise<GatewayAnswer>
  /** What to keep for the next run. */
  readonly chain: () => ClientChain
}

/** Signs, sends and reads; numbers its requests and names the last receipt it holds. */
export const createGatewayClient = (options: ClientOptions): GatewayClient => {
  let chain: ClientChain = options.chain ?? { sequence: 0, lastReceiptNo: undefined }
  const send = options.send ?? sendByFetch
  return {
    chain: () => chain,
    request: async (method, path, body, overrides = {}) => {
      chain = { ...chain, sequence: chain.sequence + 1 }
      const signed = await signRequest(
        { key: options.key, now: options.now(), randomBytes: options.randomBytes },
        outgoing(options, chain, { method, path, body, overrides }),
      )
      const answer = await readAnswer(await send(signed, urlOf(options.connectUrl, options, path)))
      const no = answer.receipt?.['no']
      if (typeof no === 'string') chain = { ...chain, lastReceiptNo: no }
      return answer
    },
  }
}

const outgoing = (
  options: ClientOptions,
  chain: ClientChain,
  request: {
    readonly method: OutgoingRequest['method']
    readonly path: string
    readonly body: JsonValue | Uint8Array | undefined
    readonly overrides: RequestOptions
  },
): OutgoingRequest => ({
  method: request.method,
  url: urlOf(undefined, options, request.path),
  sequence: chain.sequence,
  ...(request.body === undefined ? {} : { body: bytesOf(request.body) }),
  ...(chain.lastReceiptNo === undefined ? {} : { lastReceiptNo: chain.lastReceiptNo }),
  ...(options.operatorId === undefined ? {} : { operatorId: options.operatorId }),
  ...request.overrides,
})

const urlOf = (
  connectUrl: string | undefined,
  { publicUrl }: Pick<ClientOptions, 'publicUrl'>,
  path: string,
): string => `${(connectUrl ?? publicUrl).replace(/\/+$/, '')}${path}`

const bytesOf = (body: JsonValue | Uint8Array): Uint8Array =>
  body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))

const sendByFetch = (request: SignedRequest, url: string): Promise<Response> =>
  fetch(url, {
    method: request.method,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: Buffer.from(request.body) }),
  })

const readAnswer = async (response: Response): Promise<GatewayAnswer> => {
  const { status, headers } = response
  const text = await response.text()
  const body = bodyOf(headers, text)
  const { receipt, ...rest } = body
  const isProblem = headers.get('content-type') === 'application/problem+json'
  return {
    status,
    headers,
    text,
    data: isProblem ? undefined : rest['data'],
    problem: isProblem ? rest : undefined,
    receipt: isJsonObject(receipt) ? receipt : undefined,
  }
}

/** An answer that is no JSON object has its text only. */
const bodyOf = (headers: Headers, text: string): JsonObject => {
  const isJson = /json/.test(headers.get('content-type') ?? '')
  const json = isJson ? parseJson(text) : undefined
  return isJsonObject(json) ? json : {}
}
