import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import { type IdempotentRequest, judgeKey, leaseMs, type Reservation } from '../idempotency.ts'
import { insertReservation, takeOverReservation } from '../idempotency-store.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'

/**
 * A write takes its key in the database before it acts, so that every node sees it; a read takes it in
 * this process, and its result is inserted with its event, where a second node's would be refused.
 * @throws GatewayError idempotency_key_reused, idempotency_in_progress
 */
export const checkIdempotency = async (deps: PipelineDeps, exchange: Exchange): Promise<void> => {
  const request = requestOf(deps, exchange)
  exchange.reservation =
    exchange.endpoint.kind === 'write' ? await reserve(deps, request) : await hold(deps, request)
}

const requestOf = ({ dataKeys }: PipelineDeps, exchange: Exchange): IdempotentRequest => {
  const { raw, caller, bodyDigest } = exchange
  const digests = dataKeys.indexAll('request', bodyDigest).map(({ index }) => index)
  return {
    clientId: found(caller).clientId,
    key: found(raw.headers.get('idempotency-key')),
    methodPath: `${raw.method} ${raw.target}`,
    bodyDigest: found(digests[0]),
    bodyDigests: digests,
  }
}

const reserve = async (deps: PipelineDeps, request: IdempotentRequest): Promise<Reservation> => {
  const createdAt = deps.clock.now()
  const leaseUntil = new Date(createdAt.getTime() + leaseMs)
  const mine = { ...request, leaseUntil, first: undefined, replaces: false }
  if (await insertReservation(deps.store.db, request, { createdAt, leaseUntil })) return mine
  const known = await judgeKnownKey(deps, request)
  if (known === undefined) throw inProgress()
  if (known.first !== undefined) return { ...mine, first: known.first }
  const isTaken = await takeOverReservation(deps.store.db, request, known, {
    createdAt,
    leaseUntil,
  })
  if (!isTaken) throw inProgress()
  return mine
}

const hold = async (deps: PipelineDeps, request: IdempotentRequest): Promise<Reservation> => {
  const flight = flightOf(request)
  if (deps.readsInFlight.has(flight)) throw inProgress()
  deps.readsInFlight.add(flight)
  try {
    const known = await judgeKnownKey(deps, request)
    return {
      ...request,
      leaseUntil: deps.clock.now(),
      first: known?.first,
      replaces: known !== undefined && known.first === undefined,
    }
  } catch (error) {
    deps.readsInFlight.delete(flight)
    throw error
  }
}

/** Name under which a read's key is held in this process. */
export const flightOf = ({ clientId, key }: IdempotentRequest): string => `${clientId} ${key}`

const judgeKnownKey = async (deps: PipelineDeps, request: IdempotentRequest) => {
  const state = await deps.findKeyState(request)
  if (state === undefined) return undefined
  const verdict = judgeKey(state, request, deps.clock.now())
  switch (verdict.case) {
    case 'reused':
      throw new GatewayError('idempotency_key_reused')
    case 'in_progress':
      throw inProgress(verdict.retryAfterMs)
    case 'replay':
      return { leaseUntil: state.leaseUntil, first: verdict.result, hadResult: true }
    case 'free':
      return {
        leaseUntil: state.leaseUntil,
        first: undefined,
        hadResult: state.result !== undefined,
      }
  }
}

const inProgress = (retryAfterMs = 500): GatewayError =>
  new GatewayError('idempotency_in_progress', undefined, { retryAfterMs })
