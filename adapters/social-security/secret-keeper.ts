import { failed, failureOfStatus, type Exchange, type Failed } from '../../src/halls/adapter.ts'
import {
  decodeRefresh,
  envelopeHeaders,
  openSecret,
  refreshSid,
  type Envelope,
} from './messages.ts'

export type PlatformSecret = { readonly text: string; readonly expiresAtMs: number }

export type SecretKeeper = {
  /** @param stale the secret that the platform has just refused, so that it is not used again. */
  readonly current: (
    signal: AbortSignal,
    stale?: PlatformSecret,
  ) => Promise<PlatformSecret | Failed>
}

export type SecretKeeperDeps = {
  readonly exchange: Exchange
  readonly appKey: string
  readonly headerPrefix: string
  readonly refreshPath: string
  readonly envelope: (sid: string) => Envelope
  readonly nowMs: () => number
}

export const isSecret = (value: PlatformSecret | Failed): value is PlatformSecret => 'text' in value

/**
 * Keeps the secret that the platform hands out and rotates. One refresh at a time; a caller that waited
 * for another's refresh in vain does its own, unless the platform itself refused.
 */
export const makeSecretKeeper = (deps: SecretKeeperDeps): SecretKeeper => {
  let held: PlatformSecret | undefined
  let flight: Promise<PlatformSecret | Failed> | undefined

  const isUsable = (secret: PlatformSecret, stale: PlatformSecret | undefined): boolean =>
    secret.text !== stale?.text && secret.expiresAtMs > deps.nowMs()

  const refreshOnce = (signal: AbortSignal): Promise<PlatformSecret | Failed> => {
    flight ??= refresh(deps, signal).finally(() => {
      flight = undefined
    })
    return flight
  }

  const current: SecretKeeper['current'] = async (signal, stale) => {
    if (held !== undefined && isUsable(held, stale)) return held
    const joined = flight !== undefined
    const answer = await refreshOnce(signal)
    if (isSecret(answer)) held = answer
    const isOthersDeadline = !isSecret(answer) && answer.kind === 'timeout' && !signal.aborted
    return joined && isOthersDeadline ? current(signal, stale) : answer
  }
  return { current }
}

const refresh = async (
  { exchange, appKey, headerPrefix, refreshPath, envelope }: SecretKeeperDeps,
  signal: AbortSignal,
): Promise<PlatformSecret | Failed> => {
  const answer = await exchange.send({
    method: 'POST',
    path: refreshPath,
    headers: envelopeHeaders(headerPrefix, envelope(refreshSid), appKey),
    body: Buffer.from('{}'),
    signal,
  })
  if (!answer.ok) return failed(answer.kind, `refresh:${answer.cause}`)
  const refused = failureOfStatus(answer.status)
  if (refused !== undefined) return failed(refused.kind, `refresh:${refused.cause}`)
  const sealed = decodeRefresh(answer.bytes)
  if (!('sealed' in sealed)) return sealed
  const text = openSecret(appKey, sealed.sealed)
  return text === undefined
    ? failed('unauthorised', 'refresh:secret_unreadable')
    : { text, expiresAtMs: sealed.expiresAtMs }
}
