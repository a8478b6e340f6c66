import { getRequestListener, RequestError } from '@hono/node-server'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { App } from './create-app.ts'
import { describeError } from './describe-error.ts'
import type { LogSink } from './pipeline-deps.ts'

export type ListenOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM; without it a proxy in front speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly logger: LogSink
  readonly headersTimeoutMs?: number
  readonly requestTimeoutMs?: number
  readonly connectionsMax?: number
}

export type HttpServer = {
  readonly port: number
  /** Takes no new connections, lets requests under way finish for `graceMs`, then cuts them. */
  readonly close: (graceMs: number) => Promise<void>
}

/** @throws the error of node:net when the address cannot be taken (EADDRINUSE, EACCES …) */
export const listen = async (app: App, options: ListenOptions): Promise<HttpServer> => {
  const server = createServer(app, options)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  server.on('error', (error) => {
    options.logger.error(describeError(error), 'http server failed')
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return { port, close: (graceMs) => closeServer(server, graceMs) }
}

const createServer = (app: App, options: ListenOptions): Server => {
  const listener = getRequestListener(app.fetch, {
    errorHandler: (error) => {
      if (!(error instanceof RequestError))
        options.logger.error(describeError(error), 'answer failed')
      return new Response(null, { status: error instanceof RequestError ? 404 : 500 })
    },
  })
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (hasTwoHosts(incoming)) outgoing.writeHead(400, { connection: 'close' }).end()
    else void listener(incoming, outgoing)
  }
  const strict = strictOptions(app, options)
  const server =
    options.tls === undefined
      ? createHttpServer(strict, handle)
      : createHttpsServer({ ...strict, ...options.tls, minVersion: 'TLSv1.2' }, handle)
  server.maxConnections = options.connectionsMax ?? 4096
  // The head is bounded in bytes; a bound on the count would drop the rest without a word.
  server.maxHeadersCount = 0
  server.on('clientError', answerBrokenRequest)
  return server
}

/** RFC 9112 §3.2; node's parser takes the first and says nothing. */
const hasTwoHosts = ({ rawHeaders }: IncomingMessage): boolean => {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts++
  return hosts > 1
}

/** The parser that refuses what proxies could read in two ways, and time-outs for slow senders. */
const strictOptions = (app: App, options: ListenOptions): ServerOptions => ({
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: app.limits.headBytesMax,
  headersTimeout: options.headersTimeoutMs ?? 10_000,
  requestTimeout: options.requestTimeoutMs ?? 120_000,
  connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs ?? 1000),
  keepAliveTimeout: 60_000,
  noDelay: true,
})

const statusOfParserError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What cannot be parsed is no request: there is nobody to name and nothing to file. */
const answerBrokenRequest = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = statusOfParserError[error.code ?? ''] ?? '400 Bad Request'
  const code = status.startsWith('431') ? { code: 'head_too_large' } : {}
  const body = JSON.stringify({ type: 'about:blank', status: Number(status.slice(0, 3)), ...code })
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  )
}

/** A connection that is kept alive becomes idle only after its answer, so idle ones are closed again and again. */
const closeServer = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const idle = setInterval(() => {
      server.closeIdleConnections()
    }, 50)
    const grace = setTimeout(() => {
      server.closeAllConnections()
    }, graceMs)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(grace)
      resolve()
    })
    server.closeIdleConnections()
  })
