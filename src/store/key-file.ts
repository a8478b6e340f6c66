import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseDataKeyFile } from './data-keys.ts'
import type { DataKeyFile } from './data-keys.ts'
import { messageOf, StoreError } from './store-error.ts'

/** @throws StoreError key_file when it is missing, malformed, or open to other users. */
export const readKeyFile = async (path: string): Promise<DataKeyFile> => {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) throw tooOpen(path)
    return parseDataKeyFile(await readFile(path, 'utf8'))
  } catch (error) {
    throw error instanceof StoreError ? error : unreadable(path, error)
  }
}

/** Writes a first key file, mode 0600, folder 0700; never over an existing one. */
export const createKeyFile = async (path: string, file: DataKeyFile): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = await writeDraft(path, file)
  try {
    await link(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Replaces the file in one step: a crash leaves the old content or the new one. */
export const replaceKeyFile = async (path: string, file: DataKeyFile): Promise<void> => {
  await rename(await writeDraft(path, file), path)
}

const writeDraft = async (path: string, file: DataKeyFile): Promise<string> => {
  const draft = `${path}.new`
  // Never into a file that is there: somebody else may have made it, or have it open.
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(file, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}

const tooOpen = (path: string): StoreError =>
  new StoreError(
    'key_file',
    `数据密钥文件 ${path} 能被其他用户读取;请执行 chmod 600 ${path} 后重试。`,
    `The data key file ${path} is open to other users; run chmod 600 ${path} and try again.`,
  )

const unreadable = (path: string, cause: unknown): StoreError =>
  new StoreError(
    'key_file',
    `读不到数据密钥文件 ${path}(${messageOf(cause)});请先执行 zhengqiao init,或从备份恢复它。`,
    `The data key file ${path} cannot be read (${messageOf(cause)}); run zhengqiao init first or restore it from a backup.`,
    cause,
  )
