import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { findLogged } from './append-store.ts'
import {
  adoptOrphans,
  commitBatch,
  type Committed,
  type CommitDeps,
  type LogState,
} from './commit-batch.ts'
import type { Receipt } from './filing.ts'
import {
  isFaultOfOneFiling,
  isRefusedByServer,
  openLogConnection,
  retakeNode,
  takeNode,
  type LogConnection,
} from './log-connection-store.ts'
import { openLog } from './open-log.ts'
import type { PreparedFiling } from './prepare-filing.ts'

export type WriterDeps = CommitDeps & {
  readonly databaseUrl: string
  /** The gateway's name, first part of every origin. */
  readonly gateway: string
  /** Rebuilds the receipt of an event that is in some log already. */
  readonly readReceipt: (no: ReceiptNo) => Promise<Receipt | undefined>
  /** Told what went wrong with the database; the exchanges concerned get ledger_unavailable. */
  readonly onFault: (error: unknown) => void
}

export type WriterCounts = {
  /** Events appended, transactions committed (one checkpoint signature each), filings refused. */
  readonly events: number
  readonly drains: number
  readonly replays: number
  readonly refusals: number
}

type Waiting = {
  readonly no: ReceiptNo
  /** Undefined for a write's event, which is in the outbox. */
  readonly filing: PreparedFiling | undefined
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: GatewayError) => void
}

const batchMax = 256
const waitingMax = 20_000

/**
 * The one writer of this process's log. What arrives while a batch is being committed makes up the next
 * batch, so it needs no timer: an idle gateway files at once, a busy one in larger batches.
 */
export class LogWriter {
  readonly #deps: WriterDeps
  readonly #waiting: Waiting[] = []
  readonly #probes: ((isWriting: boolean) => void)[] = []
  /** Events of committed writes that could not be moved yet; every batch tries again. */
  readonly #owed = new Set<ReceiptNo>()
  readonly #counts = { events: 0, drains: 0, replays: 0, refusals: 0 }
  #log: LogConnection
  #state: LogState
  #draining: Promise<void> | undefined
  #failing = false
  #closed = false

  /** Takes a free node, signs what is unsigned, adopts what dead processes left in the outbox. */
  static async open(deps: WriterDeps): Promise<LogWriter> {
    const { log, state } = await connect(deps, undefined)
    const writer = new LogWriter(deps, log, state)
    await writer.#adopt()
    return writer
  }

  private constructor(deps: WriterDeps, log: LogConnection, state: LogState) {
    this.#deps = deps
    this.#log = log
    this.#state = state
  }

  get state(): LogState {
    return this.#state
  }

  get counts(): WriterCounts {
    return { ...this.#counts }
  }

  /** False from the first batch that could not be written until the next one that could. */
  get isWriting(): boolean {
    return !this.#failing && this.#log.isAlive()
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  get owedCount(): number {
    return this.#owed.size
  }

  /** @throws GatewayError nonce_replayed, idempotency_in_progress, ledger_unavailable */
  file(filing: PreparedFiling): Promise<Receipt> {
    return this.#push(filing.no, filing)
  }

  /** @throws GatewayError ledger_unavailable */
  settle(no: ReceiptNo): Promise<Receipt> {
    return this.#push(no, undefined)
  }

  /** Moves what is owed, or only reaches the database; answers whether the log can be written. */
  probe(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#probes.push(resolve)
      this.#draining ??= this.#drainAll()
    })
  }

  /** Commits what is waiting, then lets the node go. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
    await endQuietly(this.#log)
  }

  #push(no: ReceiptNo, filing: PreparedFiling | undefined): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const waiting = { no, filing, resolve, reject }
      if (this.#closed || this.#waiting.length >= waitingMax) {
        this.#refuse([waiting], new Error('the ledger takes no more filings'))
        return
      }
      this.#waiting.push(waiting)
      this.#draining ??= this.#drainAll()
    })
  }

  async #drainAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#probes.length > 0) {
      const probes = this.#probes.splice(0)
      await this.#drain(this.#waiting.splice(0, batchMax))
      for (const answer of probes) answer(this.isWriting)
    }
    this.#draining = undefined
  }

  /** Answers every filing of the batch, one way or the other; never throws. */
  async #drain(batch: readonly Waiting[], mayResume = true): Promise<void> {
    try {
      this.#answer(batch, await this.#commit(batch))
      this.#failing = false
    } catch (error) {
      if (batch.length > 1 && isFaultOfOneFiling(error)) {
        for (const one of batch) await this.#drain([one], mayResume)
      } else if (mayResume && !isRefusedByServer(error)) {
        this.#deps.onFault(error)
        await this.#resume(batch)
      } else this.#refuse(batch, error)
    }
  }

  async #commit(batch: readonly Waiting[]): Promise<Committed> {
    const settles = batch.flatMap(({ no, filing }) => (filing === undefined ? [no] : []))
    const filings = batch.flatMap(({ filing }) => filing ?? [])
    const owed = [...this.#owed]
    const committed = await commitBatch(
      this.#log,
      this.#state,
      { filings, settles: [...settles, ...owed] },
      this.#deps,
    )
    this.#state = committed.state
    for (const no of owed) this.#owed.delete(no)
    this.#counts.events += committed.receipts.size
    this.#counts.drains += committed.receipts.size > 0 ? 1 : 0
    return committed
  }

  /**
   * The connection died, perhaps after the commit and before its reply. The database knows which of
   * these events are in the log; only the others are written again.
   */
  async #resume(batch: readonly Waiting[]): Promise<void> {
    const unknown = new Set(batch)
    try {
      await endQuietly(this.#log)
      const { log, state } = await connect(this.#deps, this.#state)
      this.#log = log
      this.#state = state
      const logged = await findLogged(
        log,
        batch.map(({ no }) => no),
      )
      for (const waiting of batch.filter(({ no }) => logged.has(no))) {
        unknown.delete(waiting)
        await this.#answerFromTables(waiting)
      }
    } catch (error) {
      this.#refuse([...unknown], error)
      return
    }
    await this.#drain([...unknown], false)
  }

  #answer(batch: readonly Waiting[], { receipts, refused }: Committed): void {
    for (const waiting of batch) {
      const receipt = receipts.get(waiting.no)
      const error = refused.get(waiting.no)
      if (receipt !== undefined) waiting.resolve(receipt)
      else if (error !== undefined) {
        if (error.code === 'nonce_replayed') this.#counts.replays++
        waiting.reject(error)
      } else void this.#answerFromTables(waiting)
    }
  }

  /** For a write's event that an earlier batch or another process has moved into its log. */
  async #answerFromTables(waiting: Waiting): Promise<void> {
    try {
      const receipt = await this.#deps.readReceipt(waiting.no)
      if (receipt === undefined) throw new Error('neither in the outbox nor in a log')
      waiting.resolve(receipt)
    } catch (error) {
      this.#refuse([waiting], error)
    }
  }

  #refuse(batch: readonly Waiting[], cause: unknown): void {
    if (!isFaultOfOneFiling(cause)) this.#failing = true
    this.#counts.refusals += batch.length
    this.#deps.onFault(cause)
    for (const { no, filing, reject } of batch) {
      if (filing === undefined) this.#owed.add(no)
      reject(new GatewayError('ledger_unavailable', undefined, { cause, retryAfterMs: 1000 }))
    }
  }

  async #adopt(): Promise<void> {
    for (let adopted = 1; adopted > 0;) {
      const moved = await adoptOrphans(this.#log, this.#state, this.#deps)
      this.#state = moved.state
      adopted = moved.adopted
    }
  }
}

const endQuietly = async (log: LogConnection): Promise<void> => {
  try {
    await log.end()
  } catch {
    // It is dead already, which is what we want of it.
  }
}

const connect = async (
  deps: WriterDeps,
  before: LogState | undefined,
): Promise<{ readonly log: LogConnection; readonly state: LogState }> => {
  const log = await openLogConnection(deps.databaseUrl)
  try {
    const kept = before !== undefined && (await retakeNode(log, before.node))
    const node = kept ? before.node : await takeNode(log, deps.gateway)
    return { log, state: await openLog(log, node, deps) }
  } catch (error) {
    await endQuietly(log)
    throw error
  }
}
