import { readFile, stat } from 'node:fs/promises'
import process from 'node:process'
import { run } from './embedded-run.ts'
import type { Account } from './embedded-run.ts'
import { StoreError } from './store-error.ts'

type Entry = { readonly name: string; readonly uid: number; readonly gid: number }

/**
 * PostgreSQL refuses root. As an ordinary user: ourselves. As root: the owner of the data folder, else
 * an account that every system has; none is created, since minimal images have no useradd.
 * @throws StoreError embedded_account
 */
export const chooseAccount = async (
  dataDir: string,
  accountsFile = '/etc/passwd',
): Promise<Account> => {
  if (process.getuid?.() !== 0) return undefined
  const entries = await readAccounts(accountsFile)
  const { uid: owner } = await stat(dataDir)
  const preferred = ['zhengqiao', 'postgres', 'nobody'].flatMap((name) =>
    entries.filter((entry) => entry.name === name),
  )
  const candidates = [...entries.filter((entry) => entry.uid === owner), ...preferred, ...entries]
  for (const { uid, gid } of candidates) {
    const { code } = await run('/bin/sh', ['-c', ':'], { uid, gid })
    if (code === 0) return { uid, gid }
  }
  throw new StoreError(
    'embedded_account',
    '内置数据库不能以 root 运行,而本机没有可切换的普通用户;请改用普通用户启动,或用 DATABASE_URL 指定数据库。',
    'The embedded database cannot run as root and no ordinary account can be switched to; start as an ordinary user or set DATABASE_URL.',
  )
}

/** The account that owns an existing cluster; only root can act for somebody else. */
export const accountOf = async (folder: string): Promise<Account> => {
  const { uid, gid } = await stat(folder)
  return process.getuid?.() === 0 ? { uid, gid } : undefined
}

/** Accounts other than root; initdb needs its user to have an entry here. */
const readAccounts = async (path: string): Promise<readonly Entry[]> => {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
