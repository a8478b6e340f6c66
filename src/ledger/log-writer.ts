import { setImmediate as turnEnded } from 'node:timers/promises'
import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { findLogged } from './append-store.ts'
import { adoptOrphans, commitBatch, type Committed } from './commit-batch.ts'
import { type ConnectDeps, connectWriter, endQuietly } from './connect-writer.ts'
import type { Filing, Receipt } from './filing.ts'
import { FilingQueue, type Waiting } from './filing-queue.ts'
import type { LogState } from './grow-log.ts'
import {
  isFaultOfOneFiling,
  isRefusedByServer,
  type LogConnection,
} from './log-connection-store.ts'
import type { PreparedFiling } from './prepare-filing.ts'
import { sendBatch, type SentBatch } from './send-batch.ts'

export type WriterDeps = ConnectDeps & {
  /** @throws RangeError for a filing that no table can take */
  readonly prepare: (filing: Filing) => PreparedFiling
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

type Sent = SentBatch & {
  readonly batch: readonly Waiting[]
  /** Resolves when it is committed or has failed. */
  readonly answered: Promise<void>
}

const batchMax = 256
const waitingMax = 20_000
/** So many filings are better sent as two batches, one made ready while the other is committed. */
const worthHalving = 24

/**
 * The one writer of this process's log. What comes in one turn of the event loop, or while a batch is
 * being committed, makes up the next batch, so it needs no timer: an idle gateway files at once, a busy
 * one in larger batches. When as much waits as is under way, it is sent behind it.
 */
export class LogWriter {
  readonly #deps: WriterDeps
  readonly #queue: FilingQueue
  readonly #probes: ((isWriting: boolean) => void)[] = []
  /** Events of committed writes that could not be moved yet; every batch tries again. */
  readonly #owed = new Set<ReceiptNo>()
  readonly #counts = { events: 0, drains: 0, replays: 0, refusals: 0 }
  #log: LogConnection
  #state: LogState
  #draining: Promise<void> | undefined
  #arrived: () => void = ignore
  #failing = false
  #closed = false

  /** Takes a free node, signs what is unsigned, adopts what dead processes left in the outbox. */
  static async open(deps: WriterDeps): Promise<LogWriter> {
    const { log, state } = await connectWriter(deps, undefined)
    const writer = new LogWriter(deps, log, state)
    await writer.#adopt()
    return writer
  }

  private constructor(deps: WriterDeps, log: LogConnection, state: LogState) {
    this.#deps = deps
    this.#queue = new FilingQueue(deps.prepare)
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
    return this.#queue.length
  }

  get owedCount(): number {
    return this.#owed.size
  }

  /** @throws GatewayError nonce_replayed, idempotency_in_progress, ledger_unavailable */
  file(filing: Filing): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (this.#isFull) reject(this.#failed(1, overfull()))
      else {
        this.#queue.pushNew({ filing, resolve, reject })
        this.#wake()
      }
    })
  }

  /** @throws GatewayError ledger_unavailable */
  settle(no: ReceiptNo): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const waiting = { no, filing: undefined, resolve, reject }
      if (this.#isFull) this.#refuse([waiting], overfull())
      else {
        this.#queue.push(waiting)
        this.#wake()
      }
    })
  }

  /** Moves what is owed, or only reaches the database; answers whether the log can be written. */
  probe(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#probes.push(resolve)
      this.#wake()
    })
  }

  /** Commits what is waiting, then lets the node go. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
    await endQuietly(this.#log)
  }

  get #isFull(): boolean {
    return this.#closed || this.#queue.length >= waitingMax
  }

  #wake(): void {
    this.#arrived()
    this.#draining ??= this.#drainAll()
  }

  async #drainAll(): Promise<void> {
    const sent: Sent[] = []
    while (sent.length > 0 || this.#queue.length > 0 || this.#probes.length > 0) {
      await turnEnded()
      this.#queue.prepareNew()
      if (this.#isWorthSending(sent)) sent.push(await this.#send(sent))
      else if (sent.length > 0) await this.#answerOldest(sent)
      else await this.#ask()
    }
    this.#draining = undefined
  }

  /** Whatever has to be asked of the tables first waits until nothing is under way. */
  #isWorthSending([oldest, second]: readonly Sent[]): boolean {
    if (this.#owed.size > 0 || this.#probes.length > 0) return false
    const count = this.#queue.countSendable(batchMax)
    if (oldest === undefined) return count > 0
    return second === undefined && count >= oldest.batch.length
  }

  async #send([before]: readonly Sent[]): Promise<Sent> {
    const count = this.#queue.countSendable(batchMax)
    const isHalved = before === undefined && count >= worthHalving
    const batch = this.#queue.take(isHalved ? Math.ceil(count / 2) : count)
    const filings = batch.flatMap(({ filing }) => filing ?? [])
    const head = before?.head ?? this.#state
    const sent = await sendBatch(this.#log, head, filings, this.#deps).catch(
      (error: unknown): SentBatch => ({ head, committed: rejected(error) }),
    )
    return { ...sent, batch, answered: sent.committed.then(ignore, ignore) }
  }

  /** Answers the oldest batch when it has come to something; comes back earlier when something comes in. */
  async #answerOldest(sent: Sent[]): Promise<void> {
    const [oldest] = sent
    const arrival = new Promise<false>((resolve) => {
      this.#arrived = () => {
        resolve(false)
      }
    })
    const isAnswered = await Promise.race([oldest?.answered.then(() => true), arrival])
    if (oldest === undefined || isAnswered === false) return
    sent.shift()
    try {
      this.#take(oldest.batch, await oldest.committed)
    } catch (error) {
      await this.#askInstead([oldest, ...sent.splice(0)], error)
    }
  }

  /** What was sent behind a batch that failed continued a tree that is not there. */
  async #askInstead(sent: readonly Sent[], error: unknown): Promise<void> {
    await Promise.all(sent.map(({ answered }) => answered))
    if (isRefusedByServer(error)) {
      for (const { batch } of sent) await this.#drain(batch)
      return
    }
    this.#deps.onFault(error)
    await this.#resume(sent.flatMap(({ batch }) => batch))
  }

  /** Asks the tables what of the next batch may go in, and moves what is owed. */
  async #ask(): Promise<void> {
    const probes = this.#probes.splice(0)
    await this.#drain(this.#queue.take(batchMax))
    for (const answer of probes) answer(this.isWriting)
  }

  /** Answers every filing of the batch, one way or the other; never throws. */
  async #drain(batch: readonly Waiting[], mayResume = true): Promise<void> {
    try {
      this.#take(batch, await this.#commit(batch))
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
    for (const no of owed) this.#owed.delete(no)
    return committed
  }

  #take(batch: readonly Waiting[], committed: Committed): void {
    this.#state = committed.state
    this.#counts.events += committed.receipts.size
    this.#counts.drains += committed.receipts.size > 0 ? 1 : 0
    this.#failing = false
    this.#answer(batch, committed)
  }

  /**
   * The connection died, perhaps after the commit and before its reply. The database knows which of
   * these events are in the log; only the others are written again.
   */
  async #resume(batch: readonly Waiting[]): Promise<void> {
    const unknown = new Set(batch)
    try {
      await endQuietly(this.#log)
      const { log, state } = await connectWriter(this.#deps, this.#state)
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
    const error = this.#failed(batch.length, cause)
    for (const { no, filing, reject } of batch) {
      if (filing === undefined) this.#owed.add(no)
      reject(error)
    }
  }

  #failed(count: number, cause: unknown): GatewayError {
    if (!isFaultOfOneFiling(cause)) this.#failing = true
    this.#counts.refusals += count
    this.#deps.onFault(cause)
    return new GatewayError('ledger_unavailable', undefined, { cause, retryAfterMs: 1000 })
  }

  async #adopt(): Promise<void> {
    for (let adopted = 1; adopted > 0;) {
      const moved = await adoptOrphans(this.#log, this.#state, this.#deps)
      this.#state = moved.state
      adopted = moved.adopted
    }
  }
}

const ignore = (): void => undefined

const overfull = (): Error => new Error('the ledger takes no more filings')

const rejected = async (error: unknown): Promise<never> => {
  await Promise.resolve()
  throw error
}
