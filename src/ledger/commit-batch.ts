import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { formatCheckpoint } from '../crypto/checkpoint.ts'
import { type Frontier, leafHash } from '../crypto/merkle.ts'
import { type NoteSigner, signNote } from '../crypto/sign-note.ts'
import { formatTlogProof } from '../crypto/tlog-proof.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { appendBatch } from './append-batch.ts'
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
import type { LogConnection, LogNode } from './log-connection-store.ts'
import {
  openEvent,
  receiptOf,
  type OpenedEvent,
  type PreparedFiling,
  type StoredEvent,
} from './prepare-filing.ts'

/** The log as the writer knows it: what is committed, never what is only hoped for. */
export type LogState = {
  readonly node: LogNode
  readonly frontier: Frontier
  readonly checkpoint: string
}

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

export type CommitDeps = {
  readonly keys: Pick<DataKeys, 'open'>
  readonly noteSigners: readonly NoteSigner[]
  readonly now: () => Date
}

/**
 * Nonces, companions, events, kept requests, tree and checkpoint of one batch in one transaction. If it
 * throws, the transaction was rolled back, or the connection died and the log alone knows.
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
    const kept = await admitUnlessLost(log, admitted, refused)
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

type Row = StoredEvent & { readonly opened: OpenedEvent } & Partial<PreparedFiling>

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
  refused: Map<ReceiptNo, GatewayError>,
): Promise<readonly PreparedFiling[]> => {
  const racing = filings.flatMap((filing) => filing.companions.filter(mayBeLost))
  if (racing.length === 0) return filings
  const inserted = await insertAll(log.query, racing)
  return filings.filter(({ no, companions }) => {
    if (companions.every((companion) => !mayBeLost(companion) || inserted.has(companion))) {
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
  const { node, frontier } = state
  const others = rows.flatMap(({ companions = [] }) => companions.filter((c) => !mayBeLost(c)))
  if (others.length > 0) await insertAll(log.query, others)
  const appended = appendBatch(
    frontier,
    rows.map(({ entry }) => leafHash(entry)),
  )
  const { size } = appended.frontier
  const text = formatCheckpoint({ origin: node.origin, size, root: appended.root })
  const checkpoint = await signNote(text, deps.noteSigners)
  const requests = rows.flatMap(({ no, request }) => (request ? [{ no, sealed: request }] : []))
  const batch = { node, sizeBefore: frontier.size, rows, requests, appended }
  await Promise.all([appendRows(log, { ...batch, note: checkpoint, at: deps.now() }), commit(log)])
  const receipts = rows.map(({ no, opened }, n) => {
    const proof = { index: frontier.size + n, path: appended.pathOf(n), checkpoint }
    return [no, receiptOf(no, opened, formatTlogProof(proof))] as const
  })
  return { state: { node, frontier: appended.frontier, checkpoint }, receipts: new Map(receipts) }
}
