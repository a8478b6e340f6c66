import { readFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { z } from 'zod'

/** No hall's answer is longer; departments send kilobytes. */
export const bodyBytesMax = 10 * 1024 * 1024
/** A body in more pieces than this is an attack on our memory. */
const bodyPiecesMax = 100_000

/** TLS of one hall: the department's own anchor, our client certificate. Files, never values. */
export const tlsSettings = z.strictObject({
  caFile: z.string().min(1).optional(),
  certificateFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  serverName: z.string().min(1).optional(),
})
export type TlsFiles = z.output<typeof tlsSettings>

export type ExchangeRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}
export type ExchangeAnswer = {
  readonly ok: true
  readonly status: number
  readonly contentType: string
  readonly bytes: Uint8Array
}
export type ExchangeFailure = {
  readonly ok: false
  readonly kind: 'timeout' | 'unreachable' | 'malformed'
  /** Code without personal data. */
  readonly cause: string
}
/** HTTP to one address of one hall. `send` answers with a value, also when the line breaks. */
export type Exchange = {
  readonly send: (request: ExchangeRequest) => Promise<ExchangeAnswer | ExchangeFailure>
  readonly close: () => void
}
export type ExchangeOptions = {
  readonly baseUrl: string
  readonly tls?: TlsFiles | undefined
  readonly maxSockets: number
}
export type OpenExchange = (options: ExchangeOptions) => Promise<Exchange>

/**
 * Opens a hall's line: keep-alive with idle sockets dropped after four seconds (departments' proxies
 * drop theirs after five, and a request on a dying socket is a false alarm), no redirects, no
 * compression, bodies up to {@link bodyBytesMax}.
 */
export const openExchange: OpenExchange = async ({ baseUrl, tls, maxSockets }) => {
  const base = new URL(baseUrl)
  const pool = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: 4_000 }
  const agent =
    base.protocol === 'https:'
      ? new TlsAgent({ ...pool, ...(await readTls(tls)), minVersion: 'TLSv1.2' })
      : new Agent(pool)
  const prefix = base.pathname.replace(/\/$/, '')
  return {
    send: (request) => send(agent, base, prefix + request.path, request),
    close: () => {
      agent.destroy()
    },
  }
}

const readTls = async (tls: TlsFiles = {}) => ({
  ...(tls.caFile === undefined ? {} : { ca: await readFile(tls.caFile) }),
  ...(tls.certificateFile === undefined ? {} : { cert: await readFile(tls.certificateFile) }),
  ...(tls.keyFile === undefined ? {} : { key: await readFile(tls.keyFile) }),
  ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
})

const send = (
  agent: Agent,
  base: URL,
  path: string,
  { method, headers, body, signal }: ExchangeRequest,
): Promise<ExchangeAnswer | ExchangeFailure> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve(failure('timeout', 'deadline_before_send'))
      return
    }
    const start = base.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = start(new URL(path, base), {
      agent,
      method,
      headers: withLength(headers, body),
    })
    const settle = (result: ExchangeAnswer | ExchangeFailure): void => {
      signal.removeEventListener('abort', onAbort)
      if (!result.ok) outgoing.destroy()
      resolve(result)
    }
    const onAbort = (): void => {
      settle(failure('timeout', outgoing.socket?.connecting === true ? 'connect' : 'no_answer'))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    outgoing.on('error', (error) => {
      settle(failureOfError(error))
    })
    outgoing.on('response', (incoming) => {
      readAnswer(incoming, settle)
    })
    outgoing.end(body)
  })

const withLength = (
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | undefined,
): Record<string, string> => ({
  ...headers,
  'accept-encoding': 'identity',
  ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
})

const readAnswer = (
  incoming: IncomingMessage,
  settle: (result: ExchangeAnswer | ExchangeFailure) => void,
): void => {
  const refusal = refusalOfHead(incoming)
  if (refusal !== undefined) {
    settle(failure('malformed', refusal))
    return
  }
  const chunks: Uint8Array[] = []
  let length = 0
  incoming.on('data', (chunk: Uint8Array) => {
    length += chunk.byteLength
    if (length > bodyBytesMax || chunks.length >= bodyPiecesMax)
      settle(failure('malformed', 'body_too_large'))
    else chunks.push(chunk)
  })
  incoming.on('error', () => {
    settle(failure('unreachable', 'connection_lost_mid_body'))
  })
  incoming.on('end', () => {
    const contentType = incoming.headers['content-type'] ?? ''
    settle({
      ok: true,
      status: incoming.statusCode ?? 0,
      contentType,
      bytes: Buffer.concat(chunks),
    })
  })
}

const refusalOfHead = ({ headers }: IncomingMessage): string | undefined => {
  if (Number(headers['content-length'] ?? 0) > bodyBytesMax) return 'body_too_large'
  const encoding = headers['content-encoding']
  return encoding === undefined || encoding === 'identity' ? undefined : 'content_encoding'
}

const failure = (kind: ExchangeFailure['kind'], cause: string): ExchangeFailure => ({
  ok: false,
  kind,
  cause,
})

/** Node's error codes are words of its own (`ECONNREFUSED`, `HPE_INVALID_HEADER_TOKEN`, `CERT_…`). */
const failureOfError = (error: Error): ExchangeFailure => {
  const code =
    'code' in error && typeof error.code === 'string' ? error.code.toLowerCase() : 'unknown'
  const cause = code.replace(/[^a-z0-9_]/g, '_')
  return code.startsWith('hpe_') ? failure('malformed', cause) : failure('unreachable', cause)
}
