import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../package-root.ts'

export type HallSimulator = {
  readonly hallId: string
  readonly controlUrl: string
  /** Its configuration, as `hall set` takes it. */
  readonly rowFile: string
  readonly tell: (act: string) => Promise<void>
  readonly stop: () => Promise<void>
}

const ready = z.object({ controlUrl: z.string(), row: z.string() })

/** One of the demo city's halls as a process of its own; resolves when it listens. */
export const startHallSimulator = async (
  hallId: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HallSimulator> => {
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const child = spawn(process.execPath, [script, 'hall', 'sim', hallId, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<Buffer>((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => {
      reject(new Error(`hall ${hallId} ended with ${String(code)}`))
    })
  })
  const { controlUrl, row } = ready.parse(JSON.parse(line.toString('utf8')))
  return {
    hallId,
    controlUrl,
    rowFile: row,
    tell: async (act) => {
      await fetch(`${controlUrl}/${act}`, { method: 'POST' })
    },
    stop: async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}
