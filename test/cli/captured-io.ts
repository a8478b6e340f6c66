import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** Runs `zhengqiao ARGS` in this process, its output caught. */
export const runCaptured = async (
  args: readonly string[],
  options: Partial<
    Pick<Io, 'env' | 'workingDir' | 'now' | 'isTerminal' | 'isErrTerminal' | 'hasColour'>
  > & {
    readonly input?: string
  } = {},
): Promise<Ran> => {
  const { input = '', ...rest } = options
  let out = ''
  let err = ''
  const code = await runCommand(args, {
    env: {},
    workingDir: '/',
    stdin: Readable.from([input]),
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    isTerminal: false,
    isErrTerminal: false,
    hasColour: false,
    now: () => new Date(),
    randomBytes,
    untilStopped: () => Promise.resolve(),
    ...rest,
  })
  return { code, out, err }
}
