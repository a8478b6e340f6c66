import { appendRows, firstAttached } from './append-store.ts'
import type { Committed } from './commit-batch.ts'
import { attachInserts } from './companion-store.ts'
import { type GrowDeps, growLog, type LogState } from './grow-log.ts'
import type { LogConnection } from './log-connection-store.ts'
import type { PreparedFiling } from './prepare-filing.ts'

/** A batch that is under way; the next one can be sent behind it. */
export type SentBatch = {
  /** The log as it will be. */
  readonly head: LogState
  /** Rejects when any of the filings may not go in; then none has, nor any batch behind it. */
  readonly committed: Promise<Committed>
}

/** False for filings of which the tables must be asked before anything is written. */
export const canBeSent = ({ companions }: PreparedFiling): boolean =>
  companions.every(({ conflict }) => conflict !== 'replace')

/**
 * Sends a batch in the hope that every nonce and every key is new, as nearly all are, without waiting for
 * the batch before it: the server takes them one after the other, and each only on the tree that the one
 * before it has left.
 */
export const sendBatch = async (
  log: LogConnection,
  head: LogState,
  filings: readonly PreparedFiling[],
  deps: GrowDeps,
): Promise<SentBatch> => {
  const grown = await growLog(head, filings, deps)
  const nonces = filings.flatMap(({ nonce }) => nonce ?? [])
  const companions = filings.flatMap((filing) => filing.companions)
  const attached =
    companions.length === 0
      ? {}
      : { attached: await attachInserts(log.query, companions, firstAttached) }
  const sent = appendRows(log, { ...grown.batch, nonces, ...attached })
  // Made while the server works, handed out when it has committed.
  const committed = { state: grown.state, receipts: grown.receipts(), refused: new Map() }
  return { head: grown.state, committed: sent.then(() => committed) }
}
