import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { NoteSigner } from '../crypto/sign-note.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import type { Filing, Receipt } from './filing.ts'
import { purgeNonces } from './ledger-store.ts'
import { LogWriter, type WriterCounts } from './log-writer.ts'
import { insertIntoOutbox } from './outbox-store.ts'
import { prepareFiling } from './prepare-filing.ts'
import { readLogResource, type LogResource } from './read-log-resource.ts'
import { readReceipt } from './read-receipt.ts'

export type LedgerDeps = {
  readonly store: Pick<Store, 'db' | 'url'>
  readonly keys: Pick<DataKeys, 'current' | 'seal' | 'open'>
  /** Keys that sign checkpoints: the log's own, named as the gateway or as the origin. */
  readonly noteSigners: readonly NoteSigner[]
  /** Algorithms of note keys beside Ed25519, to know an own checkpoint again. */
  readonly signatures?: VerifyContext
  /** Hash of entries and tree; the log's origin tells it. */
  readonly digestName?: DigestName
  /** The gateway's name; the log of this process becomes `<gateway>/node-<n>`. */
  readonly gateway: string
  readonly clock: Pick<Clock, 'now'>
  readonly random: RandomBytes
  readonly onFault?: (error: unknown) => void
}

export type LedgerHealth = WriterCounts & {
  readonly isWriting: boolean
  readonly origin: string
  readonly size: number
  /** Filings that wait for the writer; events of committed writes that are not in the log yet. */
  readonly waiting: number
  readonly owed: number
}

/**
 * The evidence of one process. What `file` and `settle` resolve with is durable: event, nonce, kept
 * request, companions and checkpoint are committed. What they reject with is not in the log, except
 * that after ledger_unavailable it may be.
 */
export type Ledger = {
  /**
   * Files a read, before its answer leaves.
   * @throws GatewayError nonce_replayed; idempotency_in_progress, after which the nonce is used;
   *   ledger_unavailable, after which nothing may be disclosed
   */
  readonly file: (filing: Filing) => Promise<Receipt>
  /**
   * Leaves a write's evidence in its own transaction. Call `settle` after the commit.
   * @throws GatewayError nonce_replayed, ledger_unavailable: roll back
   */
  readonly enqueue: (tx: Tx, filing: Filing) => Promise<void>
  /**
   * Moves a committed write's event into the log, before its answer leaves.
   * @throws GatewayError ledger_unavailable: the event follows by itself
   */
  readonly settle: (no: ReceiptNo) => Promise<Receipt>
  /** The receipt of an event of any node, as it was first handed out. */
  readonly receipt: (no: ReceiptNo) => Promise<Receipt | undefined>
  /** C2SP tlog-tiles below `/log/<origin>/`. */
  readonly resource: (origin: string, path: string) => Promise<LogResource | undefined>
  readonly origin: () => string
  readonly checkpoint: () => string
  readonly health: () => LedgerHealth
  /** Tries the log, for a readiness check; what is owed is moved on the way. */
  readonly probe: () => Promise<boolean>
  /** Forgets nonces that are kept until before an instant. Answers how many, 10,000 at most a call. */
  readonly purgeNonces: (before: Date) => Promise<number>
  /** Commits what is waiting and frees the node. */
  readonly close: () => Promise<void>
}

/**
 * Opens the log of a free node; what an earlier crash left in the outbox or unsigned is in the log, and
 * signed, when this resolves.
 */
export const openLedger = async (deps: LedgerDeps): Promise<Ledger> => {
  const { store, keys, random, digestName, signatures } = deps
  const now = () => deps.clock.now()
  const readers = { db: store.db, keys }
  const writer = await LogWriter.open({
    databaseUrl: store.url,
    dataKeyId: keys.current.keyId,
    gateway: deps.gateway,
    keys,
    noteSigners: deps.noteSigners,
    digestName,
    signatures,
    now,
    prepare: (filing) => prepareFiling(filing, keys, random, digestName),
    readReceipt: (no) => readReceipt(readers, no),
    onFault: deps.onFault ?? ignore,
  })
  return {
    file: (filing) => writer.file(filing),
    enqueue: async (tx, filing) => {
      if (!writer.isWriting && !(await writer.probe())) throw new GatewayError('ledger_unavailable')
      await insertIntoOutbox(tx, writer.state.node, prepareFiling(filing, keys, random, digestName))
    },
    settle: (no) => writer.settle(no),
    receipt: (no) => readReceipt(readers, no),
    resource: (origin, path) => readLogResource(store.db, origin, path),
    origin: () => writer.state.node.origin,
    checkpoint: () => writer.state.checkpoint,
    health: () => healthOf(writer),
    probe: () => writer.probe(),
    purgeNonces: (before) => purgeNonces(store.db, before),
    close: () => writer.close(),
  }
}

const healthOf = (writer: LogWriter): LedgerHealth => ({
  isWriting: writer.isWriting,
  origin: writer.state.node.origin,
  size: writer.state.frontier.size,
  waiting: writer.waitingCount,
  owed: writer.owedCount,
  ...writer.counts,
})

const ignore = () => undefined
