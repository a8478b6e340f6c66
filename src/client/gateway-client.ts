import type { RandomBytes } from '../contract/uuid.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import { ConnectionError } from './client-error.ts'
import { readBytes } from './read-bytes.ts'
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
  /** Waits until the chain is kept; called before each request leaves and after each receipt. */
  readonly keepChain?: (chain: ClientChain) => Promise<void>
  readonly send?: (request: SignedRequest, url: string) => Promise<Response>
  /** How long one attempt may take, answer included; default 30 s. */
  readonly timeoutMs?: number
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
  /** What the receipt has to agree with. */
  readonly sent: SentRequest
}

export type SentRequest = {
  readonly signatureBase: string
  /** Certificate id of the key that signed. */
  readonly keyId: string
  readonly sequence: number
  readonly lastReceiptNo: string | undefined
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

/**
 * Signs, sends and reads; numbers its requests and names the last receipt it holds. `request` throws
 * ConnectionError when no whole answer came.
 */
export const createGatewayClient = (options: ClientOptions): GatewayClient => {
  const { key, now, randomBytes, send = sendByFetch(options.timeoutMs ?? 30_000) } = options
  const keepChain = options.keepChain ?? keepNothing
  let chain: ClientChain = options.chain ?? { sequence: 0, lastReceiptNo: undefined }
  return {
    chain: () => chain,
    request: async (method, path, body, overrides = {}) => {
      chain = { ...chain, sequence: chain.sequence + 1 }
      const mine = chain
      await keepChain(mine)
      const signed = await signRequest(
        { key, now: now(), randomBytes },
        outgoing(options, mine, { method, path, body, overrides }),
      )
      const sent = { ...mine, signatureBase: signed.signatureBase, keyId: key.keyId }
      const url = urlOf(options.connectUrl, options, path)
      const answer = await exchange(() => send(signed, url), sent, overrides.idempotencyKey)
      const no = answer.receipt?.['no']
      if (typeof no !== 'string') return answer
      chain = { ...chain, lastReceiptNo: no }
      await keepChain(chain)
      return answer
    },
  }
}

const keepNothing = (): Promise<void> => Promise.resolve()

const exchange = async (
  send: () => Promise<Response>,
  sent: SentRequest,
  idempotencyKey: string | undefined,
): Promise<GatewayAnswer> => {
  try {
    return await readAnswer(await send(), sent)
  } catch (cause) {
    throw new ConnectionError(cause, idempotencyKey)
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

const sendByFetch =
  (timeoutMs: number) =>
  (request: SignedRequest, url: string): Promise<Response> =>
    fetch(url, {
      method: request.method,
      headers: request.headers,
      // An answer from elsewhere would not be the gateway's.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(request.body === undefined ? {} : { body: Buffer.from(request.body) }),
    })

const readAnswer = async (response: Response, sent: SentRequest): Promise<GatewayAnswer> => {
  const { status, headers } = response
  const text = new TextDecoder().decode(await readBytes(response))
  const body = bodyOf(headers, text)
  const { receipt, ...rest } = body
  const isProblem = /^application\/problem\+json\b/.test(headers.get('content-type') ?? '')
  return {
    status,
    headers,
    text,
    data: isProblem ? undefined : rest['data'],
    problem: isProblem ? rest : undefined,
    receipt: isJsonObject(receipt) ? receipt : undefined,
    sent,
  }
}

/** An answer that is no JSON object has its text only. */
const bodyOf = (headers: Headers, text: string): JsonObject => {
  const isJson = /json/.test(headers.get('content-type') ?? '')
  const json = isJson ? parseJson(text) : undefined
  return isJsonObject(json) ? json : {}
}
