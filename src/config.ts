import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { profileNames } from './crypto/algorithms.ts'

/** What `zhengqiao init` decided for this data folder; stands in `<data>/gateway.json`. */
export const gatewayFileSchema = z.strictObject({
  /** A live gateway refuses the demo's city date; a sandbox keeps invented people only. */
  mode: z.enum(['development', 'sandbox', 'live']),
  /** Name in log origins `<name>/<node>` and certificates. */
  name: z.string().regex(/^[a-z0-9.-]{1,60}$/),
  /** What clients sign as the target; never taken from a Host header. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  /** `gm`: national algorithms throughout; the database says the same. Left out: international. */
  profile: z.enum(profileNames).exactOptional(),
})
export type GatewayFile = z.output<typeof gatewayFileSchema>

export type Config = {
  readonly dataDir: string
  /** A server's URL; undefined = the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | undefined
  readonly host: string
  readonly port: number
  /** The city's day when it is not the real one (demo, tests). */
  readonly cityDate: string | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly skewMs: number
  readonly databaseConnectionsMax: number
  /** Processes behind the port. */
  readonly processes: number
  /** A hall's secret by the name in its settings: environment variable `ZHENGQIAO_SECRET_<NAME>`. */
  readonly secretNamed: (name: string) => string | undefined
}

/** Every problem of the environment at once, each with how to mend it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

const processesMax = 32
const processesOfItself = 4

const environment = z.object({
  ZHENGQIAO_DATA: z.string().min(1).default('data'),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  ZHENGQIAO_HOST: z.string().min(1).default('127.0.0.1'),
  ZHENGQIAO_PORT: z.coerce.number().int().min(0).max(65_535).default(8018),
  ZHENGQIAO_CITY_DATE: z.iso.date().optional(),
  ZHENGQIAO_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ZHENGQIAO_SKEW_SECONDS: z.coerce.number().int().min(30).max(600).default(120),
  ZHENGQIAO_DB_CONNECTIONS: z.coerce.number().int().min(2).max(200).default(16),
  ZHENGQIAO_PROCESSES: z
    .union([z.literal('auto'), z.coerce.number().int().min(1).max(processesMax)])
    .default(1),
})

const howTo: Readonly<Record<string, string>> = {
  DATABASE_URL:
    '形如 postgres://user@host:5432/name;不设则用内置数据库 / e.g. postgres://…; unset = embedded',
  ZHENGQIAO_PORT: '0 至 65535 的整数 / an integer from 0 to 65535',
  ZHENGQIAO_CITY_DATE: '形如 2018-11-30,仅供演示和测试 / e.g. 2018-11-30, demo and tests only',
  ZHENGQIAO_LOG: 'debug、info、warn、error 或 silent',
  ZHENGQIAO_SKEW_SECONDS: '30 至 600 秒 / 30 to 600 seconds',
  ZHENGQIAO_PROCESSES:
    '1 至 32 的整数,或 auto(核数,最多 4)/ an integer from 1 to 32, or auto (the cores, 4 at most)',
  ZHENGQIAO_DB_CONNECTIONS: '2 至 200 的整数 / an integer from 2 to 200',
}

/**
 * The frozen configuration from an environment and a working folder.
 * @throws ConfigError listing every wrong variable.
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): Config => {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0])
        return `${name}: ${howTo[name] ?? '值不正确 / not a usable value'}`
      }),
    )
  }
  const { data } = parsed
  return Object.freeze({
    dataDir: resolve(workingDir, data.ZHENGQIAO_DATA),
    databaseUrl: data.DATABASE_URL,
    host: data.ZHENGQIAO_HOST,
    port: data.ZHENGQIAO_PORT,
    cityDate: data.ZHENGQIAO_CITY_DATE,
    logLevel: data.ZHENGQIAO_LOG,
    skewMs: data.ZHENGQIAO_SKEW_SECONDS * 1000,
    databaseConnectionsMax: data.ZHENGQIAO_DB_CONNECTIONS,
    processes:
      data.ZHENGQIAO_PROCESSES === 'auto'
        ? Math.min(availableParallelism(), processesOfItself)
        : data.ZHENGQIAO_PROCESSES,
    secretNamed: (name) => env[`ZHENGQIAO_SECRET_${name}`],
  })
}

/** @throws ConfigError when a live gateway is given a city date. */
export const requireHonestDate = (config: Config, gateway: GatewayFile): void => {
  if (config.cityDate !== undefined && gateway.mode === 'live') {
    throw new ConfigError([
      'ZHENGQIAO_CITY_DATE: 正式网关不接受演示日期,请取消此变量 / a live gateway refuses it; unset it',
    ])
  }
}

/** What the embedded server takes (embedded-postmaster.ts) without those that it keeps back. */
const embeddedConnectionsMax = 97
/** The ledger's own and, while starting, one more. */
const connectionsBesidePool = 2

/** @throws ConfigError when the processes together would want more connections than the embedded server has. */
export const requireConnections = (config: Config): void => {
  const { databaseUrl, processes, databaseConnectionsMax } = config
  const wanted = processes * (databaseConnectionsMax + connectionsBesidePool)
  if (databaseUrl !== undefined || wanted <= embeddedConnectionsMax) return
  throw new ConfigError([
    `ZHENGQIAO_PROCESSES: ${String(processes)} 个进程最多要用 ${String(wanted)} 个连接,内置数据库只有 ${String(embeddedConnectionsMax)} 个;请减少进程或 ZHENGQIAO_DB_CONNECTIONS / more connections than the embedded database has: fewer processes, or fewer ZHENGQIAO_DB_CONNECTIONS each`,
  ])
}

/** Where things stand in a data folder. Only the gateway's own parts are read by the gateway. */
export const dataFolder = (dataDir: string) => ({
  root: dataDir,
  gatewayFile: join(dataDir, 'gateway.json'),
  dataKeys: join(dataDir, 'keys', 'data-keys.json'),
  noteKey: join(dataDir, 'keys', 'note.key'),
  sm2NoteKey: join(dataDir, 'keys', 'note-sm2.key'),
  attestationKey: join(dataDir, 'keys', 'attestation.key.pem'),
  attestationChain: join(dataDir, 'keys', 'attestation.chain.pem'),
  custody: join(dataDir, 'keys', 'custody'),
  authority: join(dataDir, 'ca'),
  trust: join(dataDir, 'trust'),
  /** Development only: the keys that other parties would hold on their own machines. */
  clients: join(dataDir, 'clients'),
  signers: join(dataDir, 'signers'),
})
export type DataFolder = ReturnType<typeof dataFolder>
