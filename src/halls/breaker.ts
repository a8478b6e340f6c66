/** Closed: calls pass. Open: none does. Half-open: one call at a time shows whether it is over. */
export type BreakerState = 'closed' | 'open' | 'half_open'

export type BreakerOptions = {
  /** A clock that never goes back. */
  readonly elapsedMs: () => number
  readonly failuresMax?: number
  readonly windowMs?: number
  readonly probeEveryMs?: number
}

type Failure = { readonly atMs: number; readonly about: string | undefined }

/**
 * Opens after five failures within 30 s without a success between them. While open it lets one probe
 * through per 10 s; a probe that succeeds makes it half-open, only a real call closes it.
 */
export class Breaker {
  readonly #options: Required<BreakerOptions>
  #state: BreakerState = 'closed'
  #failures: readonly Failure[] = []
  #lastTryMs = 0
  #isTrialRunning = false

  constructor(options: BreakerOptions) {
    this.#options = { failuresMax: 5, windowMs: 30_000, probeEveryMs: 10_000, ...options }
  }

  state(): BreakerState {
    return this.#state
  }

  /** `trial` is the one call of a half-open breaker: its end must be told, whatever it is. */
  admit(): 'pass' | 'trial' | 'refuse' {
    if (this.#state === 'closed') return 'pass'
    if (this.#state === 'open' || this.#isTrialRunning) return 'refuse'
    this.#isTrialRunning = true
    return 'trial'
  }

  succeeded(): void {
    // While open this is a late answer to a call from before: it says nothing about now.
    if (this.#state === 'open') return
    this.#state = 'closed'
    this.#failures = []
    this.#isTrialRunning = false
  }

  /** @param about the question, where its own subject may be the cause: it then counts once. */
  failed(about?: string): void {
    if (this.#state === 'half_open') this.#open()
    if (this.#state !== 'closed') return
    const nowMs = this.#options.elapsedMs()
    const since = nowMs - this.#options.windowMs
    const earlier = this.#failures.filter(
      (failure) => failure.atMs > since && (about === undefined || failure.about !== about),
    )
    this.#failures = [...earlier, { atMs: nowMs, about }]
    if (this.#failures.length >= this.#options.failuresMax) this.#open()
  }

  /** A trial has ended without saying anything about the hall. */
  trialEnded(): void {
    this.#isTrialRunning = false
  }

  /** True once per interval while open; asking takes the probe. */
  takeProbe(): boolean {
    const isDue = this.#state === 'open' && this.retryInMs() === 0
    if (isDue) this.#lastTryMs = this.#options.elapsedMs()
    return isDue
  }

  probeSucceeded(): void {
    if (this.#state !== 'open') return
    this.#state = 'half_open'
    this.#failures = []
  }

  /** Until the next probe; 0 unless open. */
  retryInMs(): number {
    if (this.#state !== 'open') return 0
    const { elapsedMs, probeEveryMs } = this.#options
    return Math.max(0, this.#lastTryMs + probeEveryMs - elapsedMs())
  }

  #open(): void {
    this.#state = 'open'
    this.#lastTryMs = this.#options.elapsedMs()
    this.#isTrialRunning = false
  }
}
