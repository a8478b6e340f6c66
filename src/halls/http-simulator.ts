import { setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { SimulatedCity, SubjectAct } from './simulated-city.ts'
import {
  closeServer,
  goodMood,
  listen,
  portOf,
  readAll,
  startSimulatorFrame,
  type Mood,
} from './simulator-frame.ts'

export type SimulatedRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}
export type SimulatedAnswer = {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}
/** One understood request: what it is, about whom, and what the department answers in a mood. */
export type SimulatedCall = {
  readonly operation: string
  readonly holderId?: string
  readonly answer: (mood: Mood) => SimulatedAnswer
}
export type Simulator = {
  /** Address of the department's own protocol. */
  readonly url: string
  readonly controlUrl: string
  readonly calls: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}
export type HttpSimulatorOptions = {
  readonly port?: number
  readonly controlPort?: number
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string }
  readonly city: SimulatedCity
  readonly receive: (request: SimulatedRequest) => SimulatedCall
  readonly rotate: () => void
  /** True where the protocol itself answers later (`late` then only moves that moment). */
  readonly answersLater: boolean
}

/** A department's HTTP server on loopback that can be told to have a bad day. */
export const startHttpSimulator = async (options: HttpSimulatorOptions): Promise<Simulator> => {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const server = makeServer(options, (request, response) => {
    void serve(request, response, options, frame.mood, frame.count, stop.signal).catch(() => {
      response.destroy()
    })
  })
  const scheme = options.tls === undefined ? 'http' : 'https'
  const url = await listen(server, options.port ?? 0, scheme)
  const port = portOf(server)
  const frame = await startSimulatorFrame({
    ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
    onMood: async ({ act }) => {
      if (act === 'down') await closeServer(server)
      else if (!server.listening) await listen(server, port)
    },
    onRotate: async () => {
      options.rotate()
    },
  })
  return {
    url,
    controlUrl: frame.controlUrl,
    calls: frame.calls,
    close: async () => {
      stop.abort()
      await Promise.all([closeServer(server), frame.close()])
    },
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const makeServer = ({ tls }: HttpSimulatorOptions, handler: Handler): Server => {
  const server =
    tls === undefined
      ? createServer(handler)
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, handler)
  server.keepAliveTimeout = 15_000
  return server
}

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  { receive, city, answersLater }: HttpSimulatorOptions,
  currentMood: () => Mood,
  count: (operation: string) => void,
  stop: AbortSignal,
): Promise<void> => {
  const body = await readAll(request)
  const { method = '', url = '/', headers } = request
  const call = receive({ method, path: url, headers, body })
  count(call.operation)
  const mood = moodToward(currentMood(), call, city)
  if (mood.act === 'hang') return
  if (mood.act === 'slow' || (mood.act === 'late' && !answersLater))
    await delay(mood.ms, undefined, { signal: stop })
  const answer = call.answer(mood)
  if (mood.act === 'garble') await garble(mood.form, answer, response, stop)
  else respond(response, answer)
}

const respond = (
  response: ServerResponse,
  { status, contentType, body }: SimulatedAnswer,
): void => {
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': body.byteLength })
    .end(body)
}

/** A hall's own bad mood comes before what it does to one subject. */
const moodToward = (mood: Mood, call: SimulatedCall, city: SimulatedCity): Mood => {
  const act = call.holderId === undefined ? undefined : city.actOn(call.holderId)
  return mood.act === 'up' && act !== undefined ? moodOfAct(act) : mood
}

const moodOfAct = ({ act, ms = 0, status = 503 }: SubjectAct): Mood => {
  if (act === 'lossy_name') return goodMood
  return { ...goodMood, act: act === 'delay' ? 'late' : act, ms, status }
}

/** Faults below the message; any other form is the protocol's own and has been answered already. */
const garble = async (
  form: string,
  answer: SimulatedAnswer,
  response: ServerResponse,
  stop: AbortSignal,
): Promise<void> => {
  const half = answer.body.subarray(0, Math.floor(answer.body.byteLength / 2))
  const head = { 'content-type': answer.contentType }
  if (form === 'truncated') respond(response, { ...answer, body: half })
  else if (form === 'reset') await resetMidBody(response, answer, half)
  else if (form === 'oversize')
    respond(response, { ...answer, body: Buffer.alloc(11 * 1024 * 1024, 0x20) })
  else if (form === 'endless') await pour(response.writeHead(200, head), 1_048_576, 5, stop)
  else if (form === 'drip') await pour(response.writeHead(200, head), 1, 100, stop)
  else if (form === 'compressed')
    response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(half)
  else respond(response, form === 'encoding' ? broken(answer) : answer)
}

/** Bytes that are neither UTF-8 nor GBK, in the middle of the message. */
const broken = (answer: SimulatedAnswer): SimulatedAnswer => {
  const body = Buffer.from(answer.body)
  body.fill(0xff, Math.floor(body.byteLength / 2), Math.floor(body.byteLength / 2) + 3)
  return { ...answer, body }
}

const resetMidBody = async (
  response: ServerResponse,
  { status, contentType, body }: SimulatedAnswer,
  half: Uint8Array,
): Promise<void> => {
  response.writeHead(status, { 'content-type': contentType, 'content-length': body.byteLength })
  response.write(half)
  await delay(20)
  response.destroy()
}

const pour = async (
  response: ServerResponse,
  chunkBytes: number,
  everyMs: number,
  stop: AbortSignal,
): Promise<void> => {
  while (!response.destroyed && !stop.aborted) {
    response.write(Buffer.alloc(chunkBytes, 0x20))
    await delay(everyMs)
  }
}
