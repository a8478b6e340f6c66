import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { RandomBytes } from '../contract/uuid.ts'

/** The process as a command sees it; tests hand in their own. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDir: string
  readonly stdin: Readable
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether standard output is a terminal; of standard error, where progress goes, likewise. */
  readonly isTerminal: boolean
  readonly isErrTerminal?: boolean
  /** A terminal that shows colour, and nobody asked for none (https://no-color.org). */
  readonly hasColour?: boolean
  readonly now: () => Date
  readonly randomBytes: RandomBytes
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly untilStopped: () => Promise<void>
}

export const realIo = (): Io => ({
  env: process.env,
  workingDir: process.cwd(),
  stdin: process.stdin,
  out: writerTo(process.stdout),
  err: writerTo(process.stderr),
  isTerminal: process.stdout.isTTY,
  isErrTerminal: process.stderr.isTTY,
  hasColour: process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  now: () => new Date(),
  randomBytes,
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          resolve()
        })
      }
    }),
})

/** Nobody has to read to the end (`| head`): what comes after is dropped, and the exit code still tells. */
const writerTo = (stream: NodeJS.WriteStream): ((text: string) => void) => {
  let isOpen = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isOpen = false
  })
  return (text) => {
    if (isOpen) stream.write(text)
  }
}
