import { spawn } from 'node:child_process'
import { chown, link, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { port, socketDirOf } from './embedded-socket.ts'
import type { Cluster } from './embedded-cluster.ts'
import { plainEnvironment } from './embedded-run.ts'
import { codeOf, StoreError } from './store-error.ts'

const logBytesMax = 8_000_000

/** Server parameters by name; tests trade durability for speed, nobody else does. */
export type Settings = Readonly<Record<string, string>>

const settings: Settings = {
  shared_buffers: '256MB',
  max_connections: '100',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  fsync: 'on',
  synchronous_commit: 'on',
  jit: 'off',
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A statement or the detail of a violated key may hold personal data; neither goes to the log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

/**
 * Process id of the cluster's own server, else undefined. A pid file proves nothing after kill -9: its
 * number may meanwhile be somebody else's.
 */
export const findPostmaster = async (cluster: Cluster): Promise<number | undefined> => {
  const [first] = await pidFile(cluster)
  const pid = Number(first)
  return first !== undefined && (await isPostmaster(cluster, pid)) ? pid : undefined
}

export const isPostmaster = async (cluster: Cluster, pid: number): Promise<boolean> => {
  if (!isAlive(pid)) return false
  // Without /proc (macOS) a live process must do as proof; a zombie has an empty command line.
  if (process.platform !== 'linux') return true
  const path = `/proc/${String(pid)}/cmdline`
  const commandLine = await readFile(path, 'utf8').catch(emptyIfGone)
  return commandLine.split('\0').includes(join(cluster.home, 'data'))
}

/** Only a process that is gone counts as gone: a lock must never be removed because we could not look. */
const emptyIfGone = (error: unknown): string => {
  if (['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')) return ''
  throw error
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const pidFile = ({ home }: Cluster): Promise<readonly string[]> =>
  linesOf(join(home, 'data/postmaster.pid'))

const linesOf = async (path: string): Promise<readonly string[]> => {
  const text = await readFile(path, 'utf8').catch(emptyIfGone)
  return text === '' ? [] : text.split('\n')
}

/**
 * Starts the server and waits until it has taken the cluster's pid file. Undefined when another start
 * was faster or the last server's children are still dying: look again.
 * @throws StoreError embedded_start with the server's own last words
 */
export const launchPostmaster = async (
  cluster: Cluster,
  overrides: Settings,
): Promise<number | undefined> => {
  await removeStaleLocks(cluster)
  await prepareSocketDir(cluster)
  const log = await openLog(cluster)
  const { size } = await log.stat()
  const child = spawn(join(cluster.nativeDir, 'bin/postgres'), serverArgs(cluster, overrides), {
    ...cluster.account,
    cwd: '/',
    env: plainEnvironment,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  const failure: string[] = []
  child.on('error', (error) => failure.push(error.message))
  child.unref()
  await log.close()
  const hasEnded = () => failure.length > 0 || child.exitCode !== null || child.signalCode !== null
  while (!hasEnded()) {
    const pid = await findPostmaster(cluster)
    if (pid === child.pid) return pid
    await sleep(20)
  }
  const words = failure[0] ?? (await lastWords(cluster, size, child.pid ?? 0))
  if (/lock file .* already exists|shared memory block .* in use/.test(words)) return undefined
  throw startFailed(cluster, words)
}

const serverArgs = (cluster: Cluster, overrides: Settings): readonly string[] => [
  ...['-D', join(cluster.home, 'data'), '-k', socketDirOf(cluster), '-h', '', '-p', String(port)],
  ...Object.entries({ ...settings, ...overrides }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]),
]

/** PostgreSQL keeps a lock whose number belongs to any live process of its user, as in a new container. */
const removeStaleLocks = async (cluster: Cluster): Promise<void> => {
  const [first] = await pidFile(cluster)
  if (first === undefined || (await findPostmaster(cluster)) !== undefined) return
  if (!isAlive(Number(first)) || process.platform !== 'linux') return
  if (await isMemoryInUse(cluster)) return
  const lock = join(cluster.home, 'data/postmaster.pid')
  const aside = `${lock}.stale-${String(process.pid)}`
  await rename(lock, aside).catch(emptyIfGone)
  const [moved] = await linesOf(aside)
  // Between look and move another start may have put its own lock there: that one goes back.
  if (moved === first)
    await rm(join(socketDirOf(cluster), `.s.PGSQL.${String(port)}.lock`), { force: true })
  else await link(aside, lock).catch(emptyIfGone)
  await rm(aside, { force: true })
}

/**
 * Whether children of a killed server are still at work. The server itself would look, but only by the
 * lock that is about to go: two servers would write one cluster.
 */
const isMemoryInUse = async (cluster: Cluster): Promise<boolean> => {
  const [key = '', id] = ((await pidFile(cluster))[6] ?? '').trim().split(/\s+/)
  const segments = await linesOf('/proc/sysvipc/shm')
  return segments
    .map((line) => line.trim().split(/\s+/))
    .some((segment) => segment[0] === signedKey(key) && segment[1] === id && Number(segment[6]) > 0)
}

/** The lock shows a key without its sign, /proc with it. */
const signedKey = (key: string): string =>
  /^\d+$/.test(key) ? String(BigInt.asIntN(32, BigInt(key))) : key

const prepareSocketDir = async (cluster: Cluster): Promise<void> => {
  const dir = socketDirOf(cluster)
  const made = await mkdir(dir, { recursive: true, mode: 0o700 })
  if (made && cluster.account) await chown(dir, cluster.account.uid, cluster.account.gid)
  const [socket, data] = await Promise.all([lstat(dir), stat(join(cluster.home, 'data'))])
  if (socket.isDirectory() && socket.uid === data.uid && (socket.mode & 0o077) === 0) return
  throw startFailed(cluster, `${dir}: wrong owner or mode`)
}

const openLog = async ({ home, account }: Cluster) => {
  const path = join(home, 'log')
  const info = await stat(path).catch(() => undefined)
  if (info && info.size > logBytesMax) await rename(path, `${path}.old`)
  const log = await open(path, 'a', 0o600)
  if (account) await log.chown(account.uid, account.gid)
  return log
}

/** The server's FATAL line of this start. Children of a killed server may still write into the log beside it. */
const lastWords = async ({ home }: Cluster, from: number, pid: number): Promise<string> => {
  const bytes = await readFile(join(home, 'log'))
  const all = bytes.subarray(from).toString('utf8').trim().split('\n')
  const own = all.filter((line) => line.includes(` [${String(pid)}] `))
  const lines = own.length > 0 ? own : all
  return lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ''
}

/** @returns a StoreError that quotes the server and names its log. */
export const startFailed = (cluster: Cluster, words: string): StoreError => {
  const log = join(cluster.home, 'log')
  return new StoreError(
    'embedded_start',
    `内置数据库启动失败(${words});详见 ${log}。请检查磁盘空间与内存,或用 DATABASE_URL 指定数据库。`,
    `The embedded database did not start (${words}); see ${log}. Check disk space and memory, or set DATABASE_URL.`,
  )
}
