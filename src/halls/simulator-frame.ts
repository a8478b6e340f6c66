import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/** How a simulator behaves until it is told otherwise. */
export type Mood = {
  readonly act: 'up' | 'slow' | 'refuse' | 'garble' | 'late' | 'down' | 'hang' | 'maintenance'
  readonly ms: number
  readonly status: number
  /** Which garbling, see the adapter's README. */
  readonly form: string
}

export const goodMood: Mood = { act: 'up', ms: 0, status: 200, form: '' }

const moodBody = z.strictObject({
  ms: z.number().int().min(0).max(600_000).optional(),
  status: z.number().int().min(400).max(599).optional(),
  form: z.string().max(40).optional(),
})
const acts = ['up', 'slow', 'refuse', 'garble', 'late', 'down', 'hang', 'maintenance'] as const

export type SimulatorFrame = {
  readonly controlUrl: string
  readonly mood: () => Mood
  /** Notes one call of the department's protocol, for tests that count what reached the hall. */
  readonly count: (operation: string) => void
  readonly calls: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

export type SimulatorFrameOptions = {
  readonly controlPort?: number
  /** Called after each change; the control call is answered when it has settled. */
  readonly onMood: (mood: Mood) => Promise<void>
  readonly onRotate: () => Promise<void>
}

/**
 * The control port of a simulator: `POST /slow|refuse|garble|late|down|hang|maintenance|up` with
 * `{ms?,status?,form?}`, `POST /rotate`, `GET /` for mood and calls. Loopback only.
 */
export const startSimulatorFrame = async (
  options: SimulatorFrameOptions,
): Promise<SimulatorFrame> => {
  const state = { mood: goodMood, calls: new Map<string, number>() }
  const server = createServer((request, response) => {
    void control(request, state, options)
      .catch(() => ({ status: 400, body: { problem: 'unknown act or bad body' } }))
      .then(({ status, body }) => {
        sendJson(response, status, body)
      })
  })
  const controlUrl = await listen(server, options.controlPort ?? 0)
  return {
    controlUrl,
    mood: () => state.mood,
    count: (operation) => state.calls.set(operation, (state.calls.get(operation) ?? 0) + 1),
    calls: () => Object.fromEntries(state.calls),
    close: () => closeServer(server),
  }
}

type FrameState = { mood: Mood; readonly calls: Map<string, number> }
type ControlAnswer = { readonly status: number; readonly body: unknown }

const control = async (
  request: IncomingMessage,
  state: FrameState,
  { onMood, onRotate }: SimulatorFrameOptions,
): Promise<ControlAnswer> => {
  const act = (request.url ?? '').slice(1)
  if (request.method === 'POST' && act === 'rotate') await onRotate()
  else if (request.method === 'POST') {
    const { ms = 0, status = 503, form = 'truncated' } = await readMood(request)
    state.mood = { act: z.enum(acts).parse(act), ms, status, form }
    await onMood(state.mood)
  }
  return { status: 200, body: { mood: state.mood, calls: Object.fromEntries(state.calls) } }
}

const readMood = async (request: IncomingMessage): Promise<z.output<typeof moodBody>> => {
  const body = (await readAll(request)).toString('utf8')
  return moodBody.parse(body === '' ? {} : JSON.parse(body))
}

/** Whole body of a request, at most 1 MB. */
export const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = asBytes(chunk)
    length += bytes.byteLength
    if (length > 1_048_576) throw new Error('request too large')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** A request without an encoding yields buffers; its iterator is typed `any`. */
const asBytes = (chunk: unknown): Buffer => {
  if (!Buffer.isBuffer(chunk)) throw new Error('expected bytes')
  return chunk
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Listens on loopback; answers the base address. */
export const listen = async (
  server: Server,
  port: number,
  scheme: 'http' | 'https' = 'http',
): Promise<string> => {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `${scheme}://127.0.0.1:${String(portOf(server))}`
}

export const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

/** Stops listening and drops what is connected. */
export const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
