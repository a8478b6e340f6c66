import { asId, type ClientId, type OperatorId } from '../contract/ids.ts'
import type { KnownClient } from './client.ts'
import { type AccessDb, findKnownClient } from './client-store.ts'
import { type Environment, environmentOf } from './environment.ts'
import type { ActiveGrant } from './grant.ts'
import { findActiveGrants } from './grant-store.ts'
import type { Operator } from './operator.ts'
import { findOperator } from './operator-store.ts'
import { createRevisionCache } from './revision-cache.ts'
import { readAccessRevision } from './revision-store.ts'

type Soon<Value> = Value | Promise<Value>

/**
 * The registry as every request needs it, from memory. What has changed in the database, through this
 * node or another, holds here within a second.
 */
export type AccessDirectory = {
  readonly clientOf: (certificateId: string) => Soon<KnownClient | undefined>
  readonly operator: (operatorId: OperatorId) => Soon<Operator | undefined>
  /** Active grants of a client for an item, whatever its version. */
  readonly grants: (clientId: ClientId, itemCode: string) => Soon<readonly ActiveGrant[]>
}

export type AccessDirectoryOptions = {
  readonly db: AccessDb
  readonly nowMs: () => number
  /** Keys of another environment are nobody's here, whatever the registry holds. */
  readonly environment?: Environment
  /** Age at which the registry's revision is read again beside the request. Default 250. */
  readonly refreshAfterMs?: number
  /** Age beyond which a request waits for it. Default 600. */
  readonly staleAfterMs?: number
}

/** Nothing is read before the first request. */
export const createAccessDirectory = (options: AccessDirectoryOptions): AccessDirectory => {
  const { db } = options
  const clients = createRevisionCache((id) => findClientOf(options, id), 10_000)
  const operators = createRevisionCache((id) => findOperator(db, asId(id)), 100_000)
  const grants = createRevisionCache((key) => {
    const [clientId = '', itemCode = ''] = key.split('\n')
    return findActiveGrants(db, asId(clientId), itemCode)
  }, 100_000)
  const awaitFresh = keepFresh(options, () => {
    for (const cache of [clients, operators, grants]) cache.clear()
  })
  const fresh = <Value>(get: () => Soon<Value>): Soon<Value> => awaitFresh()?.then(get) ?? get()
  return {
    clientOf: (certificateId) => fresh(() => clients.get(certificateId)),
    operator: (operatorId) => fresh(() => operators.get(operatorId)),
    grants: (clientId, itemCode) => fresh(() => grants.get(`${clientId}\n${itemCode}`)),
  }
}

const findClientOf = async (
  { db, environment }: AccessDirectoryOptions,
  certificateId: string,
): Promise<KnownClient | undefined> => {
  const client = await findKnownClient(db, asId(certificateId))
  const isOurs =
    environment === undefined ||
    (client !== undefined && environmentOf(client.certificateDer) === environment)
  return isOurs ? client : undefined
}

/** Undefined while what is in memory may be used; else a promise of the moment when it may be. */
const keepFresh = (
  { db, nowMs, refreshAfterMs = 250, staleAfterMs = 600 }: AccessDirectoryOptions,
  forget: () => void,
): (() => Promise<void> | undefined) => {
  let revision = -1
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const read = async (): Promise<void> => {
    const startedAtMs = nowMs()
    const found = await readAccessRevision(db)
    if (found !== revision) forget()
    revision = found
    readAtMs = startedAtMs
  }
  const readOnce = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  return () => {
    const ageMs = nowMs() - readAtMs
    if (ageMs >= 0 && ageMs < refreshAfterMs) return undefined
    const refreshed = readOnce()
    if (ageMs < 0 || ageMs >= staleAfterMs) return refreshed
    // Nobody waits for this one; if it fails, those who find the memory stale meet the error.
    refreshed.catch(() => undefined)
    return undefined
  }
}
