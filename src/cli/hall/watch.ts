import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readKeyFolder } from '../../client/read-key-folder.ts'
import { signRequest } from '../../client/sign-request.ts'
import { cityTimeOf } from '../../contract/clock.ts'
import { parseJson } from '../../crypto/parse-json.ts'
import { hallTable } from '../../halls/hall-table.ts'
import { hallData } from '../../halls/routes.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { readEventStream, type ServerEvent } from './read-event-stream.ts'

const halls = z.array(hallData)
const answer = z.looseObject({ data: halls })
type Halls = z.output<typeof halls>

/**
 * `zhengqiao hall watch`: the halls' health and business as they change, by the gateway's stream. A
 * table that is drawn anew at a terminal, plain lines elsewhere, one JSON object a change with --json.
 */
export const watchCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { key, url, connect, once, isJson } = readArguments(args, io)
  const stop = new AbortController()
  void io.untilStopped().then(() => {
    stop.abort()
  })
  const draw = isJson ? drawJson(io) : drawTable(io)
  const response = await open({ key, url, connect, io, signal: stop.signal })
  try {
    for await (const event of readEventStream(response)) {
      const shown = hallsIn(event)
      if (shown !== undefined) draw(shown)
      if (shown !== undefined && once) break
    }
  } catch (error) {
    if (!stop.signal.aborted)
      throw new CommandFailure(`连接中断 / the stream broke: ${text(error)}`)
  }
  stop.abort()
  return 0
}

type Place = {
  readonly key: string
  readonly url: string
  readonly connect: string | undefined
  readonly io: Io
  readonly signal: AbortSignal
}

const path = '/v1/halls'

const open = async ({ key, url, connect, io, signal }: Place): Promise<Response> => {
  const base = url.replace(/\/+$/, '')
  const requestKey = await readKeyFolder(key).catch(() => {
    throw new CommandFailure(`读不了密钥目录 / cannot read the key folder: ${key}`)
  })
  const signed = await signRequest(
    { key: requestKey, now: io.now(), randomBytes: io.randomBytes },
    { method: 'GET', url: `${base}${path}` },
  )
  const place = `${connect?.replace(/\/+$/, '') ?? base}${path}`
  const response = await fetch(place, {
    headers: { ...signed.headers, accept: 'text/event-stream' },
    redirect: 'error',
    signal,
  }).catch((error: unknown) => {
    throw new CommandFailure(`连接不上网关 / cannot connect: ${text(error)}`)
  })
  if (response.status !== 200)
    throw new CommandFailure(`${String(response.status)} ${(await response.text()).slice(0, 300)}`)
  return response
}

const hallsIn = ({ event, data }: ServerEvent): Halls | undefined => {
  if (event === 'answer') return answer.parse(parseJson(data)).data
  return event === 'halls' ? halls.parse(parseJson(data)) : undefined
}

const drawJson =
  (io: Io) =>
  (shown: Halls): void => {
    io.out(`${JSON.stringify({ at: io.now().toISOString(), halls: shown })}\n`)
  }

const clear = '\u001b[2J\u001b[H'

const drawTable =
  (io: Io) =>
  (shown: Halls): void => {
    const head = io.isTerminal ? clear : ''
    const lines = hallTable(shown, { isColoured: io.isTerminal })
    io.out(`${head}${cityTimeOf(io.now()).slice(0, 19)}\n${lines.join('\n')}\n`)
  }

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const readArguments = (args: readonly string[], io: Io) => {
  const { values } = parse(args)
  const key = values.key ?? io.env['ZHENGQIAO_KEY']
  const url = values.url ?? io.env['ZHENGQIAO_URL']
  if (key === undefined) throw new UsageError('缺少 / missing: --key')
  if (url === undefined) throw new UsageError('缺少 / missing: --url')
  return { key, url, connect: values.connect, once: values.once, isJson: values.json }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        key: { type: 'string' },
        url: { type: 'string' },
        connect: { type: 'string' },
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
