import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openSignedList } from './signed-list.ts'
import { SignerError } from './signer-error.ts'
import { openSignerFolder } from './signer-folder.ts'
import { signOrder } from './sign-order.ts'
import type { SignOrderDeps } from './sign-order-deps.ts'

export type SignerOptions = {
  readonly dir: string
  /** 0 takes a free port. */
  readonly port: number
  readonly now: () => Date
  /** Told of every request, without content: `signed` or the code of the refusal. */
  readonly onOutcome?: (outcome: string) => void
}

export type RunningSigner = {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Requests checked and signed at once; further ones are told to come back. */
const atOnceMax = 2
const drainMs = 2000

/**
 * Starts a department's signer on this machine's loopback interface. Whoever reaches it can only have
 * signed what one of the department's own stewards ordered; for a gateway elsewhere put TLS in front.
 */
export const startSigner = async (options: SignerOptions): Promise<RunningSigner> => {
  const folder = await openSignerFolder(options.dir)
  const list = await openSignedList(options.dir)
  let underWay = 0
  let requests = 0
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/sign') {
      refuse(request, response, 404, 'not_found')
      return
    }
    if (underWay >= atOnceMax) {
      refuse(request, response, 503, 'busy')
      return
    }
    underWay++
    const deps = { folder, list, now: options.now(), requestName: `rows-${String(++requests)}` }
    answer(deps, request, response)
      .then(
        (outcome) => options.onOutcome?.(outcome),
        () => options.onOutcome?.('connection_lost'),
      )
      .finally(() => {
        underWay--
      })
  })
  // A million rows take longer than node's five minutes for a request.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

const answer = async (
  deps: SignOrderDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> => {
  try {
    const signed = await signOrder(deps, bytesOf(request))
    try {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      await pipeline(Readable.from(signed.answer), response)
    } finally {
      await signed.end()
    }
    return 'signed'
  } catch (error) {
    if (!(error instanceof SignerError)) {
      if (!response.headersSent) refuse(request, response, 500, 'internal')
      throw error
    }
    refuse(request, response, 422, error.code)
    return error.code
  }
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  // Leaving this loop early must not close the connection: the refusal still has to go out.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    if (piece instanceof Uint8Array) yield piece
  }
}

/** Answers, then lets the other side read the answer before the connection is cut. */
const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify({ code })}\n`)
  request.resume()
  const cut = setTimeout(() => {
    request.destroy()
  }, drainMs)
  cut.unref()
  request.once('close', () => {
    clearTimeout(cut)
  })
}
