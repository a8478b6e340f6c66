import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { freePort, startGatewayProcess } from '../../src/cli/bench/gateway-process.ts'
import { cityFileSchema } from '../../src/cli/init/city-file.ts'
import { initGateway } from '../../src/cli/init/init-gateway.ts'
import { cityDir, packageRoot } from '../../src/cli/package-root.ts'
import { createGatewayClient, type GatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { dataFolder, readConfig } from '../../src/config.ts'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { openStore } from '../../src/store/open-store.ts'

export const targets = ['gateway', 'signer', 'database'] as const
export type Target = (typeof targets)[number]

export type KillCity = {
  readonly dataDir: string
  readonly clientOf: (clientId: string, operatorId?: string) => Promise<GatewayClient>
  /** kill -9, and the same process again where it does not come back by itself. */
  readonly kill: (target: Target) => Promise<void>
  readonly close: () => Promise<void>
}

const readCity = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, file), 'utf8'))

/** The synthetic city with the police's own signer, all in processes of their own. */
export const openKillCity = async (): Promise<KillCity> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-kill-'))
  const [port, signerPort] = [await freePort(), await freePort()]
  const publicUrl = `http://127.0.0.1:${String(port)}`
  await init(dataDir, publicUrl, `http://127.0.0.1:${String(signerPort)}`)
  const dataDirectory = await databaseFolder(dataDir)
  const env = { ...process.env, ZHENGQIAO_CITY_DATE: '2018-11-30', ZHENGQIAO_LOG: 'warn' }
  const start = () => startGatewayProcess({ dataDir, port, env, profileDir: undefined })
  const signerDir = join(dataFolder(dataDir).signers, 'police')
  let signer = await startSigner(signerDir, signerPort)
  let gateway = await start()
  const killers: Readonly<Record<Target, () => Promise<void>>> = {
    gateway: async () => {
      process.kill(gateway.pid, 'SIGKILL')
      gateway = await start()
    },
    signer: async () => {
      const ended = once(signer, 'exit')
      signer.kill('SIGKILL')
      await ended
      signer = await startSigner(signerDir, signerPort)
    },
    // The gateway starts the embedded one again.
    database: async () => {
      process.kill(await postmasterOf(dataDirectory), 'SIGKILL')
    },
  }
  return {
    dataDir,
    clientOf: async (clientId, operatorId) =>
      createGatewayClient({
        publicUrl,
        key: await readKeyFolder(join(dataFolder(dataDir).clients, clientId)),
        now: () => new Date(),
        randomBytes,
        timeoutMs: 20_000,
        ...(operatorId === undefined ? {} : { operatorId }),
      }),
    kill: (target) => killers[target](),
    close: async () => {
      await gateway.stop()
      const ended = once(signer, 'exit')
      signer.kill('SIGTERM')
      await ended
      await removeCluster(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const init = async (dataDir: string, publicUrl: string, signerUrl: string): Promise<void> => {
  const city = cityFileSchema.parse(await readCity('organisations.json'))
  await initGateway({
    config: readConfig({ ZHENGQIAO_DATA: dataDir }, dataDir),
    gateway: { mode: 'development', name: 'kill.zhengqiao', publicUrl },
    city: { ...city, signers: [{ organisation: 'police', url: signerUrl }] },
    catalogue: parseCatalogue({
      licenceTypes: await readCity('licence-types.json'),
      serviceItems: await readCity('service-items.json'),
    }),
    now: new Date(),
    randomBytes,
  })
}

const startSigner = async (dir: string, port: number): Promise<ChildProcess> => {
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const args = [script, 'signer', '--dir', dir, '--port', String(port)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

const databaseFolder = async (dataDir: string): Promise<string> => {
  const store = await openStore({ dataDir })
  try {
    const { rows } = await store.pool.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    )
    return rows[0]?.folder ?? ''
  } finally {
    await store.close()
  }
}

const postmasterOf = async (dataDirectory: string): Promise<number> => {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}
