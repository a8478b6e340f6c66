import { connect, type Socket } from 'node:net'

export type LoadReport = {
  readonly operations: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** How often each HTTP status came. */
  readonly statuses: Readonly<Record<string, number>>
  readonly bytesReceived: number
  /** The bodies, when they were asked for, in the order of the requests. */
  readonly bodies: readonly string[]
}

export type LoadOptions = {
  readonly port: number
  readonly connections: number
  /** Whole requests, ready for the wire. */
  readonly requests: readonly Buffer[]
  readonly keepBodies: boolean
}

/**
 * Sends the requests over so many keep-alive connections, each with one request under way, and measures
 * from the write to the last byte of the answer. Hand-written, so that the generator costs little of the
 * machine that it measures: it understands answers with a Content-Length and nothing else.
 */
export const runLoad = async (options: LoadOptions): Promise<LoadReport> => {
  const { requests, connections, port } = options
  const run: Run = {
    ...options,
    next: 0,
    latenciesMs: new Float64Array(requests.length),
    statuses: new Map(),
    bodies: [],
    bytesReceived: 0,
  }
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const startedAt = performance.now()
  try {
    await Promise.all(sockets.map((socket) => work(socket, run)))
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const seconds = (performance.now() - startedAt) / 1000
  const sorted = run.latenciesMs.sort()
  return {
    operations: requests.length,
    seconds,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    statuses: Object.fromEntries(run.statuses),
    bytesReceived: run.bytesReceived,
    bodies: run.bodies,
  }
}

type Run = LoadOptions & {
  next: number
  readonly latenciesMs: Float64Array
  readonly statuses: Map<string, number>
  readonly bodies: string[]
  bytesReceived: number
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      resolve(socket)
    })
  })

/** Takes the next request as soon as the last one is answered, until there are none. */
const work = (socket: Socket, run: Run): Promise<void> =>
  new Promise((resolve, reject) => {
    let place = 0
    let sentAt = 0
    let received: Buffer = Buffer.alloc(0)
    const send = (): void => {
      place = run.next++
      const request = run.requests[place]
      if (request === undefined) {
        resolve()
        return
      }
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const answer = readAnswer(received)
      if (answer === undefined) return
      run.latenciesMs[place] = performance.now() - sentAt
      run.statuses.set(answer.status, (run.statuses.get(answer.status) ?? 0) + 1)
      run.bytesReceived += received.length
      if (run.keepBodies) run.bodies[place] = received.subarray(answer.bodyAt).toString('utf8')
      received = Buffer.alloc(0)
      send()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      reject(new Error('the server closed a connection'))
    })
    send()
  })

/** Undefined while something is missing. */
const readAnswer = (received: Buffer): { status: string; bodyAt: number } | undefined => {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = received.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`)
  const bodyAt = headEnd + 4
  return received.length < bodyAt + Number(length)
    ? undefined
    : { status: head.slice(9, 12), bodyAt }
}
