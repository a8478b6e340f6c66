import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { digestNameOfOrigin } from '../crypto/checkpoint.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import type { DataKeys } from '../store/data-keys.ts'
import {
  appendRows,
  begin,
  commit,
  nonceKey,
  rollback,
  storeNonces,
  takeFromOutbox,
  takeOrphans,
} from './append-store.ts'
import { insertAll } from './companion-store.ts'
import type { Companion, Receipt } from './filing.ts'
import { type GrowDeps, growLog, type LogState, type Row } from './grow-log.ts'
import type { LogConnection } from './log-connection-store.ts'
import { openEvent, type PreparedFiling, type StoredEvent } from './prepare-filing.ts'

export type Batch = {
  readonly filings: readonly PreparedFiling[]
  /** Events of committed writes that wait in the outbox. */
  readonly settles: readonly ReceiptNo[]
}

export type Committed = {
  readonly state: LogState
  readonly receipts: ReadonlyMap<ReceiptNo, Receipt>
  /** Filings that did not go in, with the reason. */
  readonly refused: ReadonlyMap<ReceiptNo, GatewayError>
}

export type CommitDeps = GrowDeps & {
  readonly keys: Pick<DataKeys, 'open'>
  /** Algorithms of note keys beside Ed25519. */
  readonly signatures?: VerifyContext | undefined
}

/**
 * Nonces, companions, events, kept requests, tree and checkpoint of one batch in one transaction, in which
 * the tables are first asked which filings may go in. If it throws, the transaction was rolled back, or
 * the connection died and the log alone knows.
 */
export const commitBatch = (
  log: LogConnection,
  state: LogState,
  batch: Batch,
  deps: CommitDeps,
): Promise<Committed> =>
  orRollback(log, async () => {
    const nonces = batch.filings.flatMap(({ nonce }) => nonce ?? [])
    const [, fresh, taken] = await Promise.all([
      begin(log),
      nonces.length > 0 ? storeNonces(log, nonces) : new Set<string>(),
      batch.settles.length > 0 ? takeFromOutbox(log, batch.settles) : [],
    ])
    const refused = new Map<ReceiptNo, GatewayError>()
    const admitted = admitFresh(batch.filings, fresh, refused)
    const kept = await admitUnlessLost(log, admitted, {
      refused,
      name: digestNameOfOrigin(state.node.origin),
    })
    const rows = [...kept, ...taken.map((stored) => withOpened(stored, deps.keys))]
    const appended = await appendAndCommit(log, state, rows, deps)
    return { ...appended, refused }
  })

/** Moves outbox events that no living process will settle into the log. Answers how many. */
export const adoptOrphans = (
  log: LogConnection,
  state: LogState,
  deps: CommitDeps,
): Promise<{ readonly state: LogState; readonly adopted: number }> =>
  orRollback(log, async () => {
    const [, orphans] = await Promise.all([begin(log), takeOrphans(log)])
    const rows = orphans.map((stored) => withOpened(stored, deps.keys))
    const appended = await appendAndCommit(log, state, rows, deps)
    return { state: appended.state, adopted: rows.length }
  })

const orRollback = async <Result>(
  log: LogConnection,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    if (log.isAlive()) await rollback(log)
    throw error
  }
}

/** A nonce counts for the first filing that brings it; every other one is a replay. */
const admitFresh = (
  filings: readonly PreparedFiling[],
  fresh: ReadonlySet<string>,
  refused: Map<ReceiptNo, GatewayError>,
): readonly PreparedFiling[] => {
  const unused = new Set(fresh)
  return filings.filter(({ no, nonce }) => {
    if (nonce === undefined || unused.delete(nonceKey(nonce))) return true
    refused.set(no, new GatewayError('nonce_replayed'))
    return false
  })
}

const admitUnlessLost = async (
  log: LogConnection,
  filings: readonly PreparedFiling[],
  { refused, name }: { readonly refused: Map<ReceiptNo, GatewayError>; readonly name: DigestName },
): Promise<readonly PreparedFiling[]> => {
  const racing = filings.flatMap((filing) => filing.companions.filter(mayBeLost))
  if (racing.length === 0) return filings
  const inserted = new Set(await insertAll(log.query, racing, name))
  return filings.filter(({ no, companions }) => {
    if (companions.every((companion) => !mayBeLost(companion) || inserted.delete(companion))) {
      return true
    }
    refused.set(no, new GatewayError('idempotency_in_progress', undefined, { retryAfterMs: 1000 }))
    return false
  })
}

const mayBeLost = ({ conflict }: Companion): boolean => conflict === 'lost'

const withOpened = (stored: StoredEvent, keys: Pick<DataKeys, 'open'>): Row => ({
  ...stored,
  opened: openEvent(stored.sealed, stored.no, keys),
})

const appendAndCommit = async (
  log: LogConnection,
  state: LogState,
  rows: readonly Row[],
  deps: CommitDeps,
): Promise<Pick<Committed, 'state' | 'receipts'>> => {
  if (rows.length === 0) {
    await commit(log)
    return { state, receipts: new Map() }
  }
  const others = rows.flatMap(({ companions = [] }) => companions.filter((c) => !mayBeLost(c)))
  if (others.length > 0) await insertAll(log.query, others, digestNameOfOrigin(state.node.origin))
  const grown = await growLog(state, rows, deps)
  await Promise.all([appendRows(log, { ...grown.batch, nonces: [] }), commit(log)])
  return { state: grown.state, receipts: grown.receipts() }
}
