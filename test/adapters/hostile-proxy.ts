import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { listen } from '../../src/halls/simulator-frame.ts'

/** Answers in the hall's place: with other bytes, or by doing to the connection what it wants. */
export type Twist = (
  body: Buffer,
  asked: { readonly path: string; readonly body: Buffer },
) => Buffer | ((response: ServerResponse) => void) | undefined

export type HostileProxy = {
  readonly url: string
  /** What is done to the simulator's answers from now on; undefined lets them pass as they are. */
  twist: Twist | undefined
  readonly connections: () => Promise<number>
  readonly close: () => void
}

/** A man in the middle between an adapter and its department's simulator. */
export const startHostileProxy = async (target: string): Promise<HostileProxy> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const asked = { path: request.url ?? '/', body: Buffer.concat(chunks) }
      void forward(target, asked, request.headers).then(({ status, contentType, body }) => {
        const twisted = proxy.twist?.(body, asked) ?? body
        if (typeof twisted === 'function') twisted(response)
        else response.writeHead(status, { 'content-type': contentType }).end(twisted)
      })
    })
  })
  const proxy: HostileProxy = {
    url: await listen(server, 0),
    twist: undefined,
    connections: () =>
      new Promise((resolve) => {
        server.getConnections((_, count) => {
          resolve(count)
        })
      }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
  return proxy
}

const forward = async (
  target: string,
  { path, body }: { readonly path: string; readonly body: Buffer },
  headers: IncomingHttpHeaders,
) => {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name)
      ? [[name, value]]
      : [],
  )
  const answer = await fetch(target + path, {
    method: 'POST',
    headers: Object.fromEntries(kept),
    body: new Uint8Array(body),
  })
  return {
    status: answer.status,
    contentType: answer.headers.get('content-type') ?? '',
    body: Buffer.from(await answer.arrayBuffer()),
  }
}
