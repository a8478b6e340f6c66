import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ProfileName, profileNames } from '../crypto/algorithms.ts'
import { simulatedHallIds } from '../../adapters/simulated-halls.ts'
import { dataFolder, readConfig } from '../config.ts'
import { createNarrator, type Narrator } from '../demo/narrate.ts'
import { runDemo } from '../demo/run-demo.ts'
import { runSandbox } from '../demo/run-sandbox.ts'
import { WalkError } from '../demo/walk/walk.ts'
import { removeCluster } from '../store/embedded-cluster.ts'
import { hallCommand } from './hall.ts'
import { readControlUrl, simulatorFolder } from './hall/simulator-files.ts'
import { tellSimulator } from './hall/tell-simulator.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import { type CityFile, cityFileSchema } from './init/city-file.ts'
import { initCommand } from './init.ts'
import type { Io } from './io.ts'
import { cityDir, packageRoot } from './package-root.ts'

const cityDate = '2018-11-30'
const selfSigning = ['social-security', 'police']

/**
 * `zhengqiao demo`: a fresh city every time; stays up at a terminal until Ctrl-C. With --sandbox nobody
 * walks in it and it always stays up.
 */
export const demoCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { sandbox, once, profile } = readOptions(args)
  const narrator = createNarrator({
    write: io.out,
    colour: io.hasColour === true,
    nowMs: () => io.now().getTime(),
  })
  narrator.say(
    '证桥演示:合成的青岛。人物、单位、号码全部虚构。',
    'Zhengqiao on a synthetic Qingdao: nobody in it is real.',
  )
  const { dataDir, port } = readConfig(io.env, io.workingDir)
  const demoDir = join(dataDir, sandbox ? 'sandbox' : 'demo')
  const city = await prepare(demoDir, { sandbox, port, profile }, io)
  try {
    const options = await demoOptions({ demoDir, city, narrator, io })
    if (sandbox) return await stay(await runSandbox(options), narrator, io)
    const running = await runDemo(options)
    narrator.say(
      `接着可以:npx zhengqiao verify ${join(demoDir, 'out', 'receipt.json')} --trust ${join(demoDir, 'trust')}`,
      'Next: verify the files yourself; README.md tells one request end to end.',
    )
    if (!once && io.isTerminal) return await stay(running, narrator, io)
    await running.stop()
    return 0
  } catch (error) {
    if (!(error instanceof WalkError)) throw error
    throw new CommandFailure(`演示没有如期进行 / the walk failed: ${error.message}`)
  }
}

type Prepared = {
  readonly file: CityFile
  readonly publicUrl: string
  readonly gatewayPort: number
  readonly profile: ProfileName
}

/** A throw-away data folder, set up by `init` with the two self-signing departments in the city file. */
const prepare = async (
  demoDir: string,
  options: { readonly sandbox: boolean; readonly port: number; readonly profile: ProfileName },
  io: Io,
): Promise<Prepared> => {
  const { sandbox, port, profile } = options
  await removeCluster(demoDir).catch(() => undefined)
  await rm(demoDir, { recursive: true, force: true })
  const [freePort = 0, ...signerPorts] = await freePorts(1 + selfSigning.length)
  // Whoever tries a system against a sandbox wants to find it where it was.
  const gatewayPort = sandbox ? port : freePort
  const source = join(cityDir, 'organisations.json')
  const signers = selfSigning.map((organisation, place) => ({
    organisation,
    url: `http://127.0.0.1:${String(signerPorts[place] ?? 0)}`,
  }))
  const content: unknown = { ...Object(JSON.parse(await readFile(source, 'utf8'))), signers }
  const cityFile = `${demoDir}-city.json`
  await mkdir(dirname(demoDir), { recursive: true, mode: 0o755 })
  await writeFile(cityFile, JSON.stringify(content))
  const publicUrl = `http://127.0.0.1:${String(gatewayPort)}`
  const mode = ['--profile', profile, ...(sandbox ? ['--sandbox'] : [])]
  await initCommand([...mode, '--city', cityFile, '--public-url', publicUrl], {
    ...io,
    env: { ...io.env, ZHENGQIAO_DATA: demoDir },
    out: () => undefined,
  })
  await rm(cityFile)
  return { file: cityFileSchema.parse(content), publicUrl, gatewayPort, profile }
}

const demoOptions = async ({
  demoDir,
  city,
  narrator,
  io,
}: {
  readonly demoDir: string
  readonly city: Prepared
  readonly narrator: Narrator
  readonly io: Io
}) => {
  const folder = dataFolder(demoDir)
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const env = childEnvironment(io)
  return {
    narrator,
    cityDir,
    node: process.execPath,
    script,
    env,
    gatewayEnv: {
      ZHENGQIAO_DATA: demoDir,
      ZHENGQIAO_PORT: String(city.gatewayPort),
      ZHENGQIAO_CITY_DATE: cityDate,
      ZHENGQIAO_LOG: 'warn',
      ...(io.env['DATABASE_URL'] === undefined ? {} : { DATABASE_URL: io.env['DATABASE_URL'] }),
    },
    publicUrl: city.publicUrl,
    clientsDir: folder.clients,
    signers: city.file.signers.map(({ organisation, url }) => ({
      organisation,
      dir: join(folder.signers, organisation),
      port: Number(new URL(url).port),
    })),
    stewards: new Map(
      city.file.organisations.map(({ id, uscc }) => [uscc, `${id}-steward`] as const),
    ),
    outDir: join(demoDir, 'out'),
    credentialAlgs: city.profile === 'gm' ? ['SM2-SM3'] : ['ES256', 'SM2-SM3'],
    halls: simulatedHallIds,
    connectHalls: () => connectHalls(demoDir, io),
    tellHall: async (hallId: string, act: 'down' | 'up') =>
      tellSimulator(await readControlUrl(demoDir, hallId), act),
    verify: (args: readonly string[]) =>
      runVerify([script, 'verify', ...args, '--offline', '--trust', folder.trust], env),
  }
}

const connectHalls = async (demoDir: string, io: Io): Promise<void> => {
  const files = simulatedHallIds.map((hallId) =>
    join(simulatorFolder(demoDir, hallId), 'hall.json'),
  )
  await hallCommand(['set', ...files], {
    ...io,
    env: { ...io.env, ZHENGQIAO_DATA: demoDir },
    out: () => undefined,
  })
}

const runVerify = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number; readonly output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { env: { ...env } })
    let output = ''
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ exitCode: code ?? -1, output })
    })
  })

const stay = async (
  running: { readonly stop: () => Promise<void> },
  narrator: Narrator,
  io: Io,
): Promise<number> => {
  narrator.say('网关仍在运行,按 Ctrl-C 结束。', 'The gateway stays up; Ctrl-C ends it.')
  await io.untilStopped()
  await running.stop()
  return 0
}

/** The children get no more of the environment than they need. */
const childEnvironment = ({ env }: Io): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_OPTIONS'].flatMap((name) => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere))
  const ports = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return ports
}

const listenAnywhere = (): Promise<{
  readonly port: number
  readonly close: () => Promise<void>
}> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      resolve({
        port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed()
            })
          }),
      })
    })
  })

const readOptions = (
  args: readonly string[],
): { readonly once: boolean; readonly sandbox: boolean; readonly profile: ProfileName } => {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { once: flag, sandbox: flag, profile: { type: 'string' } },
    })
    const { once, sandbox } = values
    const profile = profileNames.find((name) => name === (values.profile ?? 'international'))
    if (profile !== undefined) return { once, sandbox, profile }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  throw new UsageError(`--profile ${profileNames.join(' | ')}`)
}
