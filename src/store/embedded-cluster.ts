import { randomBytes } from 'node:crypto'
import {
  chown,
  link,
  lstat,
  mkdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { accountOf, chooseAccount } from './embedded-account.ts'
import { findNative } from './embedded-native.ts'
import { run } from './embedded-run.ts'
import type { Account } from './embedded-run.ts'
import { socketDirOf } from './embedded-socket.ts'
import type { SocketOwner } from './embedded-socket.ts'
import { codeOf, messageOf, StoreError } from './store-error.ts'

/** Where root keeps what an unprivileged account must reach and the data folder does not let it reach. */
export const sharedDirs = ['/var/lib/zhengqiao', '/var/tmp/zhengqiao'] as const

export type Cluster = {
  /** Owned by the account: data/ (PGDATA), run/ (who uses the server), log. */
  readonly home: string
  readonly id: string
  readonly password: string
  readonly account: Account
  readonly nativeDir: string
}

export type ClusterOptions = {
  readonly dataDir: string
  /** For tests: another native tree, other shared folders. */
  readonly packageDir?: string
  readonly sharedDirs?: readonly string[]
}

/** Content of cluster.json; `home` is relative to it when the cluster lies in the data folder. */
type Pointer = SocketOwner

/**
 * The cluster that the data folder points to, made on first use. The pointer file appears last and by
 * one atomic step: a crash before it leaves only an unused folder, and of two first starts one wins.
 * @throws StoreError
 */
export const openCluster = async (options: ClusterOptions): Promise<Cluster> => {
  try {
    await mkdir(options.dataDir, { recursive: true })
    return await openIn(join(await realpath(options.dataDir), 'postgres'), options)
  } catch (error) {
    throw error instanceof StoreError ? error : initFailed(messageOf(error), error)
  }
}

const openIn = async (base: string, options: ClusterOptions): Promise<Cluster> => {
  const shared = options.sharedDirs ?? sharedDirs
  const pointer = (await readPointer(base)) ?? (await createCluster(base, options, shared))
  const account = await accountOf(join(pointer.home, 'data')).catch((error: unknown) => {
    throw missing(pointer.home, error)
  })
  const nativeDir = await findNative(account, copyDirs(base, account, shared), options.packageDir)
  return { ...pointer, account, nativeDir }
}

/** Deletes the embedded database of a data folder for good; it must not be running. */
export const removeCluster = async (dataDir: string): Promise<void> => {
  const base = join(await realpath(dataDir), 'postgres')
  const pointer = await readPointer(base)
  if (pointer) {
    await rm(pointer.home, { recursive: true, force: true })
    await rm(socketDirOf(pointer), { recursive: true, force: true })
  }
  await rm(base, { recursive: true, force: true })
}

const copyDirs = (base: string, account: Account, shared: readonly string[]) =>
  account === undefined ? [base] : [...shared, base]

const readPointer = async (base: string): Promise<Pointer | undefined> => {
  const path = join(base, 'cluster.json')
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (isPointer(value)) return { ...value, home: resolve(base, value.home) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw badPointer(path, error)
  }
  throw badPointer(path)
}

const isPointer = (value: unknown): value is Pointer =>
  typeof value === 'object' &&
  value !== null &&
  ['home', 'id', 'password'].every((name) => typeof Reflect.get(value, name) === 'string')

const createCluster = async (
  base: string,
  options: ClusterOptions,
  shared: readonly string[],
): Promise<Pointer> => {
  const account = await chooseAccount(dirname(base))
  await makeBase(base, account)
  const nativeDir = await findNative(account, copyDirs(base, account, shared), options.packageDir)
  const id = randomBytes(8).toString('hex')
  const home = await makeHome(id, [base, ...(account ? shared : [])], account)
  const pointer = { home, id, password: randomBytes(24).toString('base64url') }
  try {
    await initialise(pointer, nativeDir, account)
    if (await writePointer(base, pointer)) return pointer
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw error
  }
  await rm(home, { recursive: true, force: true })
  return createdByOther(base)
}

/** The owner of the data folder gets what root makes in it, to be able to go on without root. */
const makeBase = async (base: string, account: Account): Promise<void> => {
  await mkdir(base, { recursive: true, mode: account ? 0o711 : 0o700 })
  await giveToOwner(base, base)
}

const giveToOwner = async (path: string, base: string): Promise<void> => {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(base))
  await chown(path, uid, gid)
}

const createdByOther = async (base: string): Promise<Pointer> => {
  const pointer = await readPointer(base)
  if (pointer) return pointer
  throw badPointer(join(base, 'cluster.json'))
}

/** The first place that the account can really enter and write to. */
const makeHome = async (
  id: string,
  parents: readonly string[],
  account: Account,
): Promise<string> => {
  for (const parent of parents) {
    const home = join(parent, `cluster-${id}`)
    if (!(await mayHold(parent, account))) continue
    await mkdir(home, { mode: 0o700 })
    if (account) await chown(home, account.uid, account.gid)
    const probe = 'cd "$1" && mkdir run && : > run/probe && rm run/probe && chmod 700 run'
    const { code } = await run('/bin/sh', ['-c', probe, 'sh', home], account)
    if (code === 0) return home
    await rm(home, { recursive: true, force: true })
  }
  throw new StoreError(
    'embedded_init',
    `内置数据库没有可用的存放位置(试过 ${parents.join('、')});请检查磁盘空间与目录权限,或用 DATABASE_URL 指定数据库。`,
    `There is no place for the embedded database (tried ${parents.join(', ')}); check disk space and permissions, or set DATABASE_URL.`,
  )
}

/** A folder that a third party prepared or may write to could hand our database to them. */
const mayHold = async (parent: string, account: Account): Promise<boolean> => {
  try {
    await mkdir(parent, { recursive: true, mode: 0o755 })
    const info = await lstat(parent)
    const owners = [process.getuid?.(), account?.uid]
    return info.isDirectory() && (info.mode & 0o022) === 0 && owners.includes(info.uid)
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? ''))
      return false
    throw error
  }
}

const initialise = async (pointer: Pointer, nativeDir: string, account: Account): Promise<void> => {
  const passwordFile = join(pointer.home, 'password')
  await writeFile(passwordFile, `${pointer.password}\n`, { mode: 0o600 })
  if (account) await chown(passwordFile, account.uid, account.gid)
  const { code, output } = await run(
    join(nativeDir, 'bin/initdb'),
    [
      `--pgdata=${join(pointer.home, 'data')}`,
      `--pwfile=${passwordFile}`,
      '--username=zhengqiao',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      // Under /dev/shm the leftovers of another account's killed server could stand in the way.
      '--set=dynamic_shared_memory_type=mmap',
      '--no-instructions',
    ],
    account,
  )
  await rm(passwordFile, { force: true })
  if (code !== 0) throw initFailed(output)
}

/** True if the pointer is now ours; false if another process has made one meanwhile. */
const writePointer = async (base: string, pointer: Pointer): Promise<boolean> => {
  const inside = relative(base, pointer.home)
  const home = inside.startsWith('..') || isAbsolute(inside) ? pointer.home : inside
  const path = join(base, 'cluster.json')
  const draft = `${path}.${pointer.id}`
  await writeFile(draft, JSON.stringify({ version: 1, ...pointer, home }), { mode: 0o600 })
  await giveToOwner(draft, base)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const initFailed = (output: string, cause?: unknown): StoreError => {
  const line = output.split('\n').findLast((text) => /error|fatal|could not/i.test(text)) ?? output
  return new StoreError(
    'embedded_init',
    `内置数据库初始化失败(${line});请检查磁盘空间与目录权限,或用 DATABASE_URL 指定数据库。`,
    `The embedded database could not be initialised (${line}); check disk space and permissions, or set DATABASE_URL.`,
    cause,
  )
}

const missing = (home: string, cause: unknown): StoreError =>
  new StoreError(
    'embedded_missing',
    `数据目录指向的数据库 ${home} 读不到;请从备份恢复它,或确认数据可以丢弃后删除数据目录里的 postgres/cluster.json 重新建立。`,
    `The data folder points to the database ${home}, which cannot be read; restore it from a backup, or delete postgres/cluster.json in the data folder if its data may be lost.`,
    cause,
  )

const badPointer = (path: string, cause?: unknown): StoreError =>
  new StoreError(
    'embedded_pointer',
    `读不了 ${path};数据目录可能属于另一个用户:请用建立它的用户启动,或从备份恢复该文件。`,
    `${path} cannot be read; the data folder may belong to another user: start as the user who made it, or restore the file from a backup.`,
    cause,
  )
