import type { IncomingMessage } from 'node:http'
import { coveredHeaders } from '../crypto/message-signature/request-signature.ts'

/** A request as it came over the wire, before anything of it is believed. */
export type RawRequest = {
  readonly method: string
  /** Path and query, byte for byte. */
  readonly target: string
  readonly headers: HeaderLines
  /** All bytes of the body; undefined when they are more than `bytesMax`. */
  readonly readBody: (bytesMax: number) => Promise<Uint8Array | undefined>
  readonly stream: () => AsyncIterable<Uint8Array>
}

/** The headers that the gateway reads; all others are never looked at. */
export type HeaderLines = {
  readonly get: (name: string) => string | undefined
  readonly has: (name: string) => boolean
  /** A header that must stand once and stood more often, if any. */
  readonly repeated: string | undefined
}

/** The body ended before its declared length, or the connection did. */
export class BodyCutShortError extends Error {
  override readonly name = 'BodyCutShortError'
}

const readHeaders: ReadonlySet<string> = new Set([
  ...coveredHeaders,
  'signature',
  'signature-input',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'x-request-id',
])

/** Over node's own request: raw target, every header line, the body without web streams in between. */
export const rawIncoming = (incoming: IncomingMessage): RawRequest => {
  const headers = headerLines(incoming.rawHeaders)
  // RFC 9112 §6.3: a request with neither header has no body, so there is nothing to wait for.
  const isEmpty = !headers.has('content-length') && !headers.has('transfer-encoding')
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers,
    readBody: (bytesMax) => (isEmpty ? noBytes : readIncoming(incoming, bytesMax)),
    stream: () => chunksOfIncoming(incoming),
  }
}

const noBytes = Promise.resolve(new Uint8Array())

/** Over a Request that no socket stands behind (tests through app.request). */
export const rawFetchRequest = (request: Request): RawRequest => ({
  method: request.method,
  target: request.url.slice(request.url.indexOf('/', request.url.indexOf('://') + 3)),
  headers: headerLines([...request.headers].flat()),
  readBody: async (bytesMax) => {
    const bytes = new Uint8Array(await request.arrayBuffer())
    return bytes.length > bytesMax ? undefined : bytes
  },
  stream: async function* () {
    yield new Uint8Array(await request.arrayBuffer())
  },
})

/** Takes names and values in turn. */
const headerLines = (pairs: readonly string[]): HeaderLines => {
  const values = new Map<string, string>()
  let repeated: string | undefined
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const name = pairs[at]?.toLowerCase() ?? ''
    if (!readHeaders.has(name)) continue
    if (values.has(name)) repeated ??= name
    else values.set(name, pairs[at + 1]?.trim() ?? '')
  }
  return { get: (name) => values.get(name), has: (name) => values.has(name), repeated }
}

const readIncoming = (
  incoming: IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    incoming.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (length > bytesMax) resolve(undefined)
      else chunks.push(chunk)
    })
    incoming.on('end', () => {
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    })
    incoming.on('error', (cause) => {
      reject(new BodyCutShortError('the body was cut short', { cause }))
    })
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(new BodyCutShortError('the body was cut short'))
    })
  })

async function* chunksOfIncoming(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of incoming) if (chunk instanceof Uint8Array) yield chunk
  } catch (cause) {
    throw new BodyCutShortError('the body was cut short', { cause })
  }
}
