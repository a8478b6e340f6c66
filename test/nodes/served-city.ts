import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/cli/bench/gateway-process.ts'
import { workersOf } from '../../src/cli/bench/process-cpu.ts'
import { packageRoot } from '../../src/cli/package-root.ts'
import { createGatewayClient, type GatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { dataFolder } from '../../src/config.ts'
import { initCity, publicUrl } from './two-nodes.ts'

/** What an ended command said. */
export type Ended = { readonly code: number | null; readonly signal: string | null }

/** `zhengqiao serve --processes N` as somebody starts it in a terminal. */
export type Served = {
  readonly first: ChildProcess
  readonly url: string
  readonly said: () => string
  readonly workers: () => Promise<readonly number[]>
  readonly ended: Promise<Ended>
  readonly clientOf: (clientId: string, operatorId?: string) => Promise<GatewayClient>
}

export type ServedCity = {
  /** Resolves when it says that it is ready, or has ended. */
  readonly serve: (processes: number, port?: number) => Promise<Served>
  readonly close: () => Promise<void>
}

export const openServedCity = async (databaseUrl: string): Promise<ServedCity> => {
  const dataDir = await initCity(databaseUrl)
  const started: Served[] = []
  return {
    serve: async (processes, port) => {
      const served = startServe({
        dataDir,
        databaseUrl,
        processes,
        port: port ?? (await freePort()),
      })
      started.push(served)
      while (!served.said().includes('zhengqiao ready') && isRunning(served.first)) await sleep(50)
      return served
    },
    close: async () => {
      for (const { first, ended } of started) {
        if (isRunning(first)) first.kill('SIGTERM')
        await ended
      }
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null

const startServe = (options: {
  readonly dataDir: string
  readonly databaseUrl: string
  readonly processes: number
  readonly port: number
}): Served => {
  const { dataDir, databaseUrl, processes, port } = options
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const first = spawn(process.execPath, [script, 'serve', '--processes', String(processes)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      ZHENGQIAO_DATA: dataDir,
      ZHENGQIAO_PORT: String(port),
      ZHENGQIAO_LOG: 'silent',
    },
  })
  const said: string[] = []
  for (const stream of [first.stdout, first.stderr])
    stream.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')))
  const url = `http://127.0.0.1:${String(port)}`
  return {
    first,
    url,
    said: () => said.join(''),
    workers: () => workersOf(first.pid ?? 0),
    ended: new Promise((resolve) => {
      first.once('exit', (code, signal) => {
        resolve({ code, signal })
      })
    }),
    clientOf: async (clientId, operatorId) =>
      createGatewayClient({
        publicUrl,
        connectUrl: url,
        key: await readKeyFolder(join(dataFolder(dataDir).clients, clientId)),
        now: () => new Date(),
        randomBytes,
        ...(operatorId === undefined ? {} : { operatorId }),
      }),
  }
}
