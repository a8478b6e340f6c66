import type { Io } from './io.ts'

export type RunCommand = (args: readonly string[], io: Io) => Promise<number>

export type Command = {
  readonly name: string
  readonly summary: string
  readonly usage: string
  /** Started by other commands; the overview leaves it out. */
  readonly isInternal?: boolean
  /** Loaded when it is run, so that `verify` does not wait for a server's modules. */
  readonly load: () => Promise<RunCommand>
}
