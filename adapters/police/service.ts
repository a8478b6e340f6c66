import { cityTimeOf } from '../../src/contract/clock.ts'
import {
  failed,
  failureOfStatus,
  textOf,
  type AdapterSetup,
  type Exchange,
  type ExchangeAnswer,
  type Failed,
  type Fields,
  type None,
  type XmlNode,
} from '../../src/halls/adapter.ts'
import { decodeAnswer, encodeRequest, type Clerk, type ServiceVersion } from './messages.ts'

export type ServiceResult = {
  readonly state: 'result'
  readonly result: XmlNode
  readonly bytes: Uint8Array
}
export type ServiceCall = {
  readonly business: string
  readonly clerk?: Clerk
  readonly caseNo?: string
  readonly condition: Fields
}
/** The request service of one hall; tokens are fetched and renewed inside. */
export type PoliceService = {
  readonly ask: (call: ServiceCall, signal: AbortSignal) => Promise<ServiceResult | None | Failed>
  readonly close: () => Promise<void>
}

export type ServiceOptions = {
  readonly setup: AdapterSetup
  readonly password: string
  readonly baseUrl: string
  readonly servicePath: string
  readonly appName: string
  readonly version: ServiceVersion
  readonly maxSockets: number
  readonly tls?: Parameters<AdapterSetup['openExchange']>[0]['tls']
}

type Line = ServiceOptions & { readonly exchange: Exchange }
type Token = { readonly text: string }

export const openService = async (options: ServiceOptions): Promise<PoliceService> => {
  const { baseUrl, tls, maxSockets } = options
  const exchange = await options.setup.openExchange({ baseUrl, tls, maxSockets })
  const line: Line = { ...options, exchange }
  const tokens = makeTokenKeeper(line)
  return {
    ask: (call, signal) => askWithToken(line, tokens, call, signal),
    close: async () => {
      exchange.close()
    },
  }
}

type TokenKeeper = (signal: AbortSignal, refused?: Token) => Promise<Token | Failed>

/** One token call at a time; who waited for one that ended at another's deadline does its own. */
const makeTokenKeeper = (line: Line): TokenKeeper => {
  let held: Token | undefined
  let flight: Promise<Token | Failed> | undefined
  const current: TokenKeeper = async (signal, refused) => {
    if (held !== undefined && held.text !== refused?.text) return held
    const joined = flight !== undefined
    flight ??= fetchToken(line, signal).finally(() => {
      flight = undefined
    })
    const answer = await flight
    if (!('state' in answer)) held = answer
    const isOthersDeadline = 'state' in answer && answer.kind === 'timeout' && !signal.aborted
    return joined && isOthersDeadline ? current(signal, refused) : answer
  }
  return current
}

const fetchToken = async (line: Line, signal: AbortSignal): Promise<Token | Failed> => {
  const condition = { AppName: line.appName, Password: line.password }
  const answer = await send(line, { business: 'GET-TOKEN', condition }, undefined, signal)
  if (answer.state === 'token_refused' || answer.state === 'none')
    return failed('unauthorised', 'password_refused')
  if (answer.state === 'failed') return answer
  const text = textOf(answer.result, 'Token')
  return text === undefined || text === '' ? failed('malformed', 'token_missing') : { text }
}

/** Error code 2002 means a new token and the same question once more. */
const askWithToken = async (
  line: Line,
  tokens: TokenKeeper,
  call: ServiceCall,
  signal: AbortSignal,
): Promise<ServiceResult | None | Failed> => {
  const token = await tokens(signal)
  if ('state' in token) return token
  const first = await send(line, call, token, signal)
  if (first.state !== 'token_refused') return first
  const fresh = await tokens(signal, token)
  if ('state' in fresh) return fresh
  const second = await send(line, call, fresh, signal)
  return second.state === 'token_refused' ? failed('unauthorised', 'token_refused') : second
}

const send = async (
  { setup, exchange, version, appName, servicePath }: Line,
  call: ServiceCall,
  token: Token | undefined,
  signal: AbortSignal,
): Promise<ServiceResult | { readonly state: 'token_refused' } | None | Failed> => {
  const messageSequence = newSequence(setup)
  const answer = await exchange.send({
    method: 'POST',
    path: servicePath,
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"query"' },
    body: encodeRequest({
      version,
      appName,
      ...(token === undefined ? {} : { token: token.text }),
      messageSequence,
      ...call,
    }),
    signal,
  })
  if (!answer.ok) return failed(answer.kind, answer.cause)
  const refused = isFault(answer) ? undefined : failureOfStatus(answer.status)
  if (refused !== undefined) return refused
  const decoded = decodeAnswer(answer.bytes, messageSequence)
  return decoded.state === 'result' ? { ...decoded, bytes: answer.bytes } : decoded
}

/** SOAP 1.1 sends its faults with status 500. */
const isFault = ({ status, contentType }: ExchangeAnswer): boolean =>
  status === 500 && contentType.includes('xml')

/** Their form: yyyyMMddHHmmssSSS, Beijing time, and nine digits. */
const newSequence = ({ clock, random }: AdapterSetup): string => {
  const digits = cityTimeOf(clock.now()).slice(0, 23).replace(/\D/g, '')
  const tail = Buffer.from(random(6)).readUIntBE(0, 6) % 1_000_000_000
  return digits + String(tail).padStart(9, '0')
}
