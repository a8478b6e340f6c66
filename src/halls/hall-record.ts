import type { Clock } from '../contract/clock.ts'
import { digestText } from '../crypto/digest.ts'
import type { Breaker } from './breaker.ts'
import type { Failed, FailureKind, HallBusiness } from './hall-contract.ts'
import type { LatencyWindow } from './latency-window.ts'
import { showableBusiness } from './showable-business.ts'

export type FailureNote = {
  readonly at: Date
  readonly requestId: string
  readonly kind: FailureKind
  readonly cause: string
}

/** One line for the operators' log: codes and ids, never a value of a message. */
export type HallLogEntry = {
  readonly hallId: string
  readonly requestId: string
  readonly kind: FailureKind
  readonly cause: string
  readonly tookMs: number
  /** Where the adapter's own code broke, if it threw. */
  readonly thrown?: string
}
export type HallLog = (entry: HallLogEntry) => void

/** A change that others are told of. */
export type HallTransition = {
  readonly kind: 'hall.down' | 'hall.recovered' | 'hall.maintenance'
  readonly hallId: string
  readonly at: Date
  readonly until?: Date
}

export type HallNotes = {
  readonly calls: number
  readonly errors: Readonly<Record<FailureKind, number>>
  readonly lastFailures: readonly FailureNote[]
  readonly lastSuccessAt: Date | undefined
  /** When the breaker last changed. */
  readonly changedAt: Date
  readonly maintenanceUntil: Date | undefined
  readonly business: HallBusiness | undefined
}

export type Ending = {
  readonly requestId: string
  readonly tookMs: number
  readonly thrown?: string
}

export type HallRecordDeps = {
  readonly hallId: string
  /** Above this the hall itself counts as slow. */
  readonly slowMs: number
  readonly clock: Clock
  readonly log: HallLog
  readonly breaker: Breaker
  readonly latency: LatencyWindow
  readonly onChange: () => void
  readonly announce: (transition: HallTransition) => void
}

const failuresKept = 20
/** How long a hall is left alone that spoke of maintenance without saying until when. */
const unknownMaintenanceMs = 10_000

/** So many timeouts in a row make a hall doubtful, also those that do not count against it. */
const doubtfulAt = 5
/** Whoever waited so long was not impatient, however slow the hall may be. */
const patienceMsMax = 4_000

type AnyOutcome = { readonly state: string; readonly isUnasked?: true } | Failed

/** What is known about one hall; the breaker is told of every ending here and nowhere else. */
export class HallRecord {
  readonly #deps: HallRecordDeps
  #notes: HallNotes
  /** Timeouts since the last answer, whoever's they were. */
  #silences = 0

  constructor(deps: HallRecordDeps) {
    this.#deps = deps
    this.#notes = newNotes(deps.clock.now())
  }

  notes(): HallNotes {
    return this.#notes
  }

  /** True when so many got no answer, patient or not, that the silence should be looked into. */
  isDoubted(): boolean {
    return this.#silences >= doubtfulAt
  }

  setBusiness(business: HallBusiness): void {
    this.#note({ business: showableBusiness(business) })
  }

  /** A call of the contract has ended; `about` names its question. */
  conclude(outcome: AnyOutcome, ending: Ending, about?: string): void {
    const { hallId, log, latency, clock } = this.#deps
    this.#note({ calls: this.#notes.calls + 1 })
    if (isFailed(outcome)) {
      log({ hallId, kind: outcome.kind, cause: outcome.cause, ...ending })
      this.#noteFailure(outcome, ending)
    } else if (outcome.isUnasked !== true) {
      latency.add(ending.tookMs)
      this.#note({ lastSuccessAt: clock.now(), maintenanceUntil: undefined })
    }
    this.#change(() => {
      this.#tellBreaker(outcome, ending.tookMs, about)
    })
  }

  /**
   * What an ending does to the breaker: a refusal in the department's own words is an answer like any
   * other; maintenance, an impatient caller and a question that was never sent are neither failure nor
   * success.
   */
  #tellBreaker(outcome: AnyOutcome, tookMs: number, about: string | undefined): void {
    const { breaker, slowMs } = this.#deps
    const isImpatience = isKind(outcome, 'timeout') && tookMs < Math.min(slowMs, patienceMsMax)
    if (isKind(outcome, 'timeout')) this.#silences += 1
    if (isImpatience || outcome.isUnasked === true || isKind(outcome, 'maintenance'))
      breaker.trialEnded()
    else if (!isFailed(outcome) || outcome.kind === 'rejected') {
      this.#silences = 0
      breaker.succeeded()
    } else
      breaker.failed(about !== undefined && isOfQuestion(outcome) ? digestOf(about) : undefined)
  }

  concludeProbe(outcome: AnyOutcome, ending: Ending): void {
    const { hallId, log, breaker } = this.#deps
    if (!isFailed(outcome)) {
      this.#note({ maintenanceUntil: undefined })
      this.#change(() => {
        breaker.probeSucceeded()
      })
      return
    }
    log({ hallId, kind: outcome.kind, cause: `probe:${outcome.cause}`, ...ending })
    if (outcome.kind === 'maintenance') this.#beginMaintenance(outcome)
  }

  #note(change: Partial<HallNotes>): void {
    this.#notes = { ...this.#notes, ...change }
    this.#deps.onChange()
  }

  #noteFailure(outcome: Failed, { requestId }: Ending): void {
    const { kind, cause } = outcome
    const { errors, lastFailures } = this.#notes
    const failure = { at: this.#deps.clock.now(), requestId, kind, cause }
    this.#note({
      errors: { ...errors, [kind]: errors[kind] + 1 },
      lastFailures: [failure, ...lastFailures.slice(0, failuresKept - 1)],
    })
    if (kind === 'maintenance') this.#beginMaintenance(outcome)
  }

  #beginMaintenance({ retryAt }: Failed): void {
    const { hallId, clock, announce } = this.#deps
    const at = clock.now()
    const until = retryAt ?? new Date(at.getTime() + unknownMaintenanceMs)
    const before = this.#notes.maintenanceUntil
    this.#note({ maintenanceUntil: until })
    if (before === undefined || before <= at)
      announce({ kind: 'hall.maintenance', hallId, at, until })
  }

  /** Runs a change of the breaker and announces what it became. */
  #change(run: () => void): void {
    const { hallId, clock, breaker, announce } = this.#deps
    const before = breaker.state()
    run()
    const after = breaker.state()
    if (after === before) return
    const at = clock.now()
    this.#note({ changedAt: at })
    if (after === 'open' && before === 'closed') announce({ kind: 'hall.down', hallId, at })
    if (after === 'closed') announce({ kind: 'hall.recovered', hallId, at })
  }
}

const newNotes = (changedAt: Date): HallNotes => ({
  calls: 0,
  errors: {
    timeout: 0,
    unreachable: 0,
    unauthorised: 0,
    rejected: 0,
    malformed: 0,
    busy: 0,
    maintenance: 0,
  },
  lastFailures: [],
  lastSuccessAt: undefined,
  changedAt,
  maintenanceUntil: undefined,
  business: undefined,
})

export const isFailed = (outcome: { readonly state: string } | Failed): outcome is Failed =>
  outcome.state === 'failed'

const isKind = (outcome: AnyOutcome, kind: FailureKind): boolean =>
  isFailed(outcome) && outcome.kind === kind

/** A record that a hall cannot find or write may be asked for again and again: that is one failure. */
const isOfQuestion = ({ kind }: Failed): boolean => kind === 'timeout' || kind === 'malformed'

/** A question names a person and is not kept. SM3 does for every profile: only this process sees it. */
const digestOf = (about: string): string => digestText('sm3', about)
