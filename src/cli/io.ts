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
  readonly isTerminal: boolean
  readonly now: () => Date
  readonly randomBytes: RandomBytes
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly untilStopped: () => Promise<void>
}

export const realIo = (): Io => ({
  env: process.env,
  workingDir: process.cwd(),
  stdin: process.stdin,
  out: (text) => {
    process.stdout.write(text)
  },
  err: (text) => {
    process.stderr.write(text)
  },
  isTerminal: process.stdout.isTTY,
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
