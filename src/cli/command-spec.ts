import type { Io } from './io.ts'

export type RunCommand = (args: readonly string[], io: Io) => Promise<number>

export type Command = {
  readonly name: string
  readonly summary: string
  readonly usage: string
  /** Loaded when it is run, so that `verify` does not wait for a server's modules. */
  readonly load: () => Promise<RunCommand>
}
