import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export type RecipeGateway = {
  readonly publicUrl: string
  readonly dataDir: string
  readonly port: number
  /** Folder of one client's key. */
  readonly keyOf: (clientId: string) => string
  readonly trustDir: string
  /** Ends the process and leaves the folder. */
  readonly stopServing: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Sets a synthetic city up with `zhengqiao init` and serves it, both by the given script, in a folder of
 * the system's temporary one.
 */
export const startGateway = async (script: string): Promise<RecipeGateway> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-recipes-'))
  await chmod(dataDir, 0o711)
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${String(port)}`
  const place = { dataDir, port }
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  try {
    const code = await ended(start(script, ['init', '--public-url', publicUrl], place))
    if (code !== 0) throw new Error(`init ended with ${String(code)}`)
    const stopServing = await serveFolder(script, place)
    return {
      publicUrl,
      ...place,
      keyOf: (clientId) => join(dataDir, 'clients', clientId),
      trustDir: join(dataDir, 'trust'),
      stopServing,
      stop: async () => {
        await stopServing()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

type Place = { readonly dataDir: string; readonly port: number }

/** Serves a data folder that is set up already. @returns what stops it and leaves the folder */
export const serveFolder = async (script: string, place: Place): Promise<() => Promise<void>> => {
  const server = start(script, ['serve'], place)
  await saysReady(server)
  return async () => {
    server.kill('SIGTERM')
    await ended(server)
  }
}

const start = (script: string, args: readonly string[], { dataDir, port }: Place): ChildProcess =>
  spawn(process.execPath, [script, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ZHENGQIAO_DATA: dataDir,
      ZHENGQIAO_PORT: String(port),
      ZHENGQIAO_CITY_DATE: '2018-11-30',
      ZHENGQIAO_LOG: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
    child.once('error', reject)
    child.once('exit', resolve)
  })

const saysReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.includes('ready')) resolve()
    })
    child.once('exit', (code) => {
      reject(new Error(`the gateway ended with ${String(code)}: ${said}`))
    })
  })

/** Below the ports that the system gives to connections: it stays free until the gateway takes it. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
