import type { Json } from '../../contract/endpoint.ts'
import type { Io } from '../io.ts'

export type BenchOptions = {
  readonly rounds: number
  /** Rows that the licence tables are filled to, or that are loaded; undefined: the bench's own number. */
  readonly licences: number | undefined
  /** Share of the usual number of operations a round, for a quick look; 1 is the real thing. */
  readonly scale: number
  /** Names of the candidates to run, for a profile of one; undefined: all. */
  readonly only: readonly string[] | undefined
  /** A data folder that is kept and used again; undefined: a throw-away one. */
  readonly folder: string | undefined
  /** Where the gateway's CPU profile is written, if anywhere. */
  readonly profileDir: string | undefined
  /** What is going on, for the person who waits. */
  readonly say: (line: string) => void
  readonly io: Io
}

export type BenchTable = {
  readonly title: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
}

/** What one bench found: the ratios are what must hold, everything else explains them. */
export type BenchResult = {
  readonly name: string
  readonly ratios: Readonly<Record<string, number>>
  readonly details: Json
  readonly tables: readonly BenchTable[]
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>
