import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../package-root.ts'
import { serverNodeArgs } from './part.ts'
import { workersOf } from './process-cpu.ts'

export type GatewayProcess = {
  readonly pid: number
  readonly port: number
  /** The processes that answer requests; `pid` itself when it serves alone. */
  readonly servers: readonly number[]
  readonly stop: () => Promise<void>
}

/** The gateway as a city runs it: `zhengqiao serve`, logging every request, here to a file. */
export const startGatewayProcess = async (options: {
  readonly dataDir: string
  readonly port: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly profileDir: string | undefined
  /** Default: what the environment says. */
  readonly processes?: number
}): Promise<GatewayProcess> => {
  const { dataDir, port, profileDir, processes } = options
  const logFile = `${dataDir}/serve.log`
  const log = await open(logFile, 'w')
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const many = processes === undefined ? [] : ['--processes', String(processes)]
  const child = spawn(process.execPath, [...serverNodeArgs(profileDir), script, 'serve', ...many], {
    stdio: ['ignore', log.fd, log.fd],
    env: {
      ...options.env,
      ZHENGQIAO_DATA: dataDir,
      ZHENGQIAO_PORT: String(port),
      ZHENGQIAO_SKEW_SECONDS: '600',
    },
  })
  await log.close()
  await untilReady(child, logFile)
  const pid = child.pid ?? 0
  const workers = await workersOf(pid)
  return {
    pid,
    port,
    servers: workers.length === 0 ? [pid] : workers,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          resolve()
        })
        child.kill('SIGTERM')
      }),
  }
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  })

const untilReady = async (child: ChildProcess, logFile: string): Promise<void> => {
  for (;;) {
    const text = await readFile(logFile, 'utf8')
    if (text.includes('zhengqiao ready')) return
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the gateway did not start:\n${text}`)
    }
    await sleep(50)
  }
}
