import type { FindOutcome, HallAdapter, HallContext, HallQuery } from './hall-contract.ts'

/** A department's adapter with its simulator, as the pack drives them. */
export type PackSubject = {
  readonly name: string
  /** A fresh adapter against the simulator. */
  readonly open: () => Promise<HallAdapter>
  /** The same with these settings; must reject when they are wrong. */
  readonly openWith: (settings: unknown) => Promise<HallAdapter>
  /** Tells the simulator over its control port. */
  readonly tell: (act: string, body?: Readonly<Record<string, unknown>>) => Promise<void>
  readonly calls: () => Promise<Readonly<Record<string, number>>>
  readonly present: HallQuery
  readonly absent: HallQuery
  readonly misnamed: HallQuery
  readonly context: (signal: AbortSignal) => HallContext
  /** Values of its secrets: none may ever be seen. */
  readonly secrets: readonly string[]
  /** Garblings that must end in a failure, and those that an adapter must bear. */
  readonly fatal: readonly string[]
  readonly bearable: readonly string[]
}

export type PackDeps = {
  readonly elapsedMs: () => number
  /** Kinds of what keeps the process alive (`process.getActiveResourcesInfo`). */
  readonly activeResources: () => readonly string[]
}

/** One guarantee of the contract; answers what is wrong, undefined if nothing is. */
export type ContractCheck = {
  readonly name: string
  readonly run: (bench: PackBench) => Promise<string | undefined>
}

export type PackBench = {
  readonly subject: PackSubject
  readonly adapter: HallAdapter
  readonly deps: PackDeps
  readonly find: (query: HallQuery, waitMs?: number) => Promise<FindOutcome>
}
