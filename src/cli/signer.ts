import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startSigner } from '../signer/start-signer.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'

/** `zhengqiao signer`: a department's own signing process, until SIGINT or SIGTERM. */
export const signerCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { dir, port } = readOptions(args)
  const running = await startSigner({
    dir,
    port,
    now: io.now,
    onOutcome: (outcome) => {
      io.out(`${JSON.stringify({ time: io.now().toISOString(), outcome })}\n`)
    },
  }).catch(explain)
  io.out(`zhengqiao signer ready ${running.url}\n`)
  await io.untilStopped()
  await running.close()
  return 0
}

/** A folder that is not there, or not ours to read, is the caller's matter. */
const explain = (error: unknown): never => {
  const { data } = fileErrors.safeParse(error)
  if (data === undefined) throw error
  throw new CommandFailure(`读不了签章目录 / signer folder: ${data.path} (${data.code})`)
}

const fileErrors = z.object({
  code: z.enum(['ENOENT', 'ENOTDIR', 'EACCES']),
  path: z.string(),
})

const readOptions = (args: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { dir: { type: 'string' }, port: { type: 'string', default: '0' } },
    })
    const port = Number(values.port)
    if (values.dir !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535) {
      return { dir: values.dir, port }
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  throw new UsageError('--dir 或 --port 不正确 / not usable')
}
