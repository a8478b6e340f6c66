import type { Json, ReadEndpoint, StreamEvent } from '../contract/endpoint.ts'
import { checkCertificate } from './checks/check-certificate.ts'
import { checkClient } from './checks/check-client.ts'
import { checkRole } from './checks/check-role.ts'
import { callOf, type Exchange, found } from './exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import type { Reply } from './reply.ts'

type Follow = NonNullable<ReadEndpoint['follow']>

/** A comment keeps proxies from cutting a quiet stream; each time the caller is looked at again. */
const beatEveryMs = 15_000
const streamsMaxOfClient = 20

/**
 * An answered read as server-sent events: `answer` (data and receipt, as filed), then what follows it.
 * Ends with the caller's connection, his right to it, or the gateway.
 */
export const streamAnswer = (
  deps: PipelineDeps,
  exchange: Exchange,
  reply: Reply,
  follow: Follow,
): Response => {
  const gone = new AbortController()
  const ends = deps.stopping === undefined ? [gone.signal] : [gone.signal, deps.stopping]
  const texts = textsOf(deps, exchange, { reply, follow, signal: AbortSignal.any(ends) })
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await texts.next().catch(() => undefined)
      if (next === undefined || next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    cancel: async () => {
      gone.abort()
      await texts.return(undefined)
    },
  })
  const headers = { ...reply.headers, 'content-type': 'text/event-stream; charset=utf-8' }
  return new Response(body, { status: reply.status, headers })
}

async function* textsOf(
  deps: PipelineDeps,
  exchange: Exchange,
  { reply, follow, signal }: { reply: Reply; follow: Follow; signal: AbortSignal },
): AsyncGenerator<string, void, undefined> {
  yield `event: answer\ndata: ${reply.body}\n\n`
  const { clientId } = found(exchange.caller)
  if (deps.followers.countOf(clientId) >= streamsMaxOfClient) return
  deps.followers.enter(clientId)
  const stop = new AbortController()
  const events = follow(callOf(exchange, undefined), AbortSignal.any([signal, stop.signal]))
  try {
    yield* beside(events[Symbol.asyncIterator](), signal, () => stillAllowed(deps, exchange))
  } finally {
    stop.abort()
    deps.followers.leave(clientId)
  }
}

/** The events, with a beat whenever nothing has come for a while. */
async function* beside(
  events: AsyncIterator<StreamEvent>,
  signal: AbortSignal,
  mayGoOn: () => Promise<boolean>,
): AsyncGenerator<string, void, undefined> {
  let next = events.next()
  while (!isOver(signal)) {
    const first = await raceBeat(next, signal)
    if (!(await mayGoOn()) || isOver(signal)) return
    if (first === 'beat') yield ': beat\n\n'
    else if (first.done === true) return
    else {
      yield textOf(first.value)
      next = events.next()
    }
  }
}

/** Read through a function: the flag changes while we wait, which the compiler cannot know. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

const textOf = ({ event, data }: StreamEvent): string =>
  `event: ${event}\ndata: ${JSON.stringify(data satisfies Json)}\n\n`

const raceBeat = <Event>(event: Promise<Event>, signal: AbortSignal): Promise<Event | 'beat'> =>
  new Promise((resolve, reject) => {
    const beat = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', beat)
      resolve('beat')
    }
    const timer = setTimeout(beat, beatEveryMs)
    signal.addEventListener('abort', beat, { once: true })
    event
      .finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', beat)
      })
      .then(resolve, reject)
  })

/** A revoked or suspended client is refused from that moment on, in the middle of a stream as well. */
const stillAllowed = async (deps: PipelineDeps, exchange: Exchange): Promise<boolean> => {
  const again = { ...exchange, now: deps.clock.now() }
  try {
    await checkClient(deps, again)
    checkCertificate(deps, again)
    checkRole(deps, again)
    return true
  } catch {
    return false
  }
}
