import type { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { Filing, Receipt } from './filing.ts'
import type { PreparedFiling } from './prepare-filing.ts'
import { canBeSent } from './send-batch.ts'

/** Somebody who waits for a receipt. */
export type Waiting = {
  readonly no: ReceiptNo
  /** Undefined for a write's event, which is in the outbox. */
  readonly filing: PreparedFiling | undefined
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: GatewayError) => void
}

type New = {
  readonly filing: Filing
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/** What waits for the writer, in the order in which it came. */
export class FilingQueue {
  readonly #prepare: (filing: Filing) => PreparedFiling
  #new: New[] = []
  readonly #waiting: Waiting[] = []

  constructor(prepare: (filing: Filing) => PreparedFiling) {
    this.#prepare = prepare
  }

  get length(): number {
    return this.#new.length + this.#waiting.length
  }

  /** A filing that is prepared when its turn of the event loop ends. */
  pushNew(entry: New): void {
    this.#new.push(entry)
  }

  push(entry: Waiting): void {
    this.#waiting.push(entry)
  }

  /** Together, since the same work done again and again costs less; what cannot be filed is rejected. */
  prepareNew(): void {
    const entries = this.#new
    this.#new = []
    for (const { filing, resolve, reject } of entries) {
      try {
        this.#waiting.push({ no: filing.no, filing: this.#prepare(filing), resolve, reject })
      } catch (error) {
        reject(error)
      }
    }
  }

  /** How many at the head can go without the tables being asked; `countMax` at most. */
  countSendable(countMax: number): number {
    const isAsked = ({ filing }: Waiting): boolean => filing === undefined || !canBeSent(filing)
    const asked = this.#waiting.slice(0, countMax).findIndex(isAsked)
    return asked < 0 ? Math.min(countMax, this.#waiting.length) : asked
  }

  /** Takes up to `countMax` off the head. */
  take(countMax: number): readonly Waiting[] {
    return this.#waiting.splice(0, countMax)
  }
}
