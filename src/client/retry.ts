import { setTimeout as sleep } from 'node:timers/promises'
import type { RandomBytes } from '../contract/uuid.ts'
import { ConnectionError } from './client-error.ts'
import type { GatewayAnswer } from './gateway-client.ts'

/** How often and how patiently a request is repeated. */
export type RetryPolicy = {
  /** First attempt included. */
  readonly attemptsMax: number
  readonly firstDelayMs: number
  /** A gateway that asks for more patience than this gets no further attempt. */
  readonly delayMsMax: number
  readonly wait: (delayMs: number) => Promise<unknown>
}

export const defaultRetryPolicy: RetryPolicy = {
  attemptsMax: 4,
  firstDelayMs: 250,
  delayMsMax: 10_000,
  wait: (delayMs) => sleep(delayMs),
}

/**
 * Repeats an attempt after lost connections and answers that say they are worth repeating. Each attempt
 * signs anew; whether it may take effect twice is for the idempotency key.
 * @throws ConnectionError when the last attempt brought no answer
 */
export const retry = async (
  attempt: () => Promise<GatewayAnswer>,
  policy: RetryPolicy,
  randomBytes: RandomBytes,
): Promise<GatewayAnswer> => {
  for (let count = 1; ; count += 1) {
    const isLast = count >= policy.attemptsMax
    const outcome = await take(attempt, isLast)
    const delayMs = delayAfter(outcome, backoffMs(policy, count, randomBytes))
    if (outcome !== 'lost' && (isLast || delayMs === undefined || delayMs > policy.delayMsMax))
      return outcome
    await policy.wait(delayMs ?? 0)
  }
}

const take = async (
  attempt: () => Promise<GatewayAnswer>,
  isLast: boolean,
): Promise<GatewayAnswer | 'lost'> => {
  try {
    return await attempt()
  } catch (error) {
    if (isLast || !(error instanceof ConnectionError)) throw error
    return 'lost'
  }
}

/** Undefined: repeating will not help. */
const delayAfter = (outcome: GatewayAnswer | 'lost', backoff: number): number | undefined => {
  if (outcome === 'lost') return backoff
  const { problem, headers } = outcome
  if (!isWorthRepeating(outcome)) return undefined
  const told = problem?.['retryAfterMs']
  if (typeof told === 'number') return Math.max(told, 0)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : backoff
}

/** Without a problem document it was a proxy that answered. */
const isWorthRepeating = ({ status, problem }: GatewayAnswer): boolean =>
  problem === undefined ? [429, 502, 503, 504].includes(status) : problem['retryable'] === true

/** Doubled each time, half of it random, so that many clients do not come back together. */
const backoffMs = (
  { firstDelayMs, delayMsMax }: RetryPolicy,
  count: number,
  random: RandomBytes,
): number => {
  const full = Math.min(delayMsMax, firstDelayMs * 2 ** (count - 1))
  const [byte = 0] = random(1)
  return full / 2 + (full / 2) * (byte / 255)
}
