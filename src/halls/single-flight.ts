import type { FindOutcome } from './hall-contract.ts'
import { raceDeadline } from './race-deadline.ts'

const graceMs = 60

type Flight = {
  readonly answer: Promise<FindOutcome>
  readonly controller: AbortController
  waiting: number
}

export type SingleFlightOptions = {
  readonly elapsedMs: () => number
  readonly negativeMs?: number
  readonly entriesMax?: number
}

/**
 * Joins equal questions that run at the same time and remembers "nothing held" for a moment. A key names
 * one case and one operator, so that nobody ever gets an answer that was fetched for somebody else.
 */
export class SingleFlight {
  readonly #options: Required<SingleFlightOptions>
  readonly #flights = new Map<string, Flight>()
  readonly #nothing = new Map<string, { readonly outcome: FindOutcome; readonly untilMs: number }>()

  constructor(options: SingleFlightOptions) {
    this.#options = { negativeMs: 15_000, entriesMax: 10_000, ...options }
  }

  /** `run` gets a signal of its own, which fires when the last who waited for it has gone. */
  async ask(
    key: string,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<FindOutcome>,
    late: () => FindOutcome,
  ): Promise<FindOutcome> {
    const known = this.#remembered(key)
    if (known !== undefined) return known
    const flight = this.#flights.get(key) ?? this.#start(key, run)
    const leave = this.#join(key, flight)
    signal.addEventListener('abort', leave, { once: true })
    try {
      // The run has just been told to end: it gets a moment to say what it knows.
      return await raceDeadline(flight.answer, signal, late, graceMs)
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Who leaves last ends the run. */
  #join(key: string, flight: Flight): () => void {
    let isGone = false
    flight.waiting += 1
    return () => {
      if (isGone) return
      isGone = true
      flight.waiting -= 1
      if (flight.waiting > 0) return
      flight.controller.abort()
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
  }

  /** Questions whose answer "nothing held" is remembered. */
  remembered(): number {
    return this.#nothing.size
  }

  /** Questions that run now. */
  size(): number {
    return this.#flights.size
  }

  #start(key: string, run: (signal: AbortSignal) => Promise<FindOutcome>): Flight {
    const controller = new AbortController()
    const answer = run(controller.signal).then((outcome) => {
      if (outcome.state === 'none') this.#remember(key, outcome)
      return outcome
    })
    const flight: Flight = { answer, controller, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }

  #remembered(key: string): FindOutcome | undefined {
    const entry = this.#nothing.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs > this.#options.elapsedMs()) return entry.outcome
    this.#nothing.delete(key)
    return undefined
  }

  #remember(key: string, outcome: FindOutcome): void {
    const { elapsedMs, negativeMs, entriesMax } = this.#options
    const nowMs = elapsedMs()
    // All are remembered equally long, so the first is the oldest; a key names a person and must not stay.
    for (const [oldest, { untilMs }] of this.#nothing) {
      if (untilMs > nowMs && this.#nothing.size < entriesMax) break
      this.#nothing.delete(oldest)
    }
    this.#nothing.delete(key)
    this.#nothing.set(key, { outcome, untilMs: nowMs + negativeMs })
  }
}
