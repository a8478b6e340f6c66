import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll } from 'vitest'

export const isRoot = process.getuid?.() === 0

const folders: string[] = []
const children: ChildProcess[] = []

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) await sweep(folder)
})

/** A folder beneath the system's temporary one, removed after the file with every server in it. */
export const temporaryFolder = async (mode = 0o711): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'zhengqiao-'))
  folders.push(folder)
  await chmod(folder, mode)
  return folder
}

export const giveTo = async (folder: string, uid: number): Promise<void> => {
  await chown(folder, uid, uid)
}

/** A process that holds the server of a data folder; `url` or the refusal, once it has said which. */
export const holdServer = async (
  dataDir: string,
  options: { uid?: number; start?: Record<string, unknown> } = {},
): Promise<{ child: ChildProcess; url: string; error: string }> => {
  const script = join(import.meta.dirname, '../store/hold-server.ts')
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, dataDir, JSON.stringify(options.start ?? {})],
    {
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      cwd: join(import.meta.dirname, '../..'),
      env: { PATH: process.env['PATH'], TMPDIR: '/tmp' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => {
      resolve(bytes.toString('utf8'))
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new Error(`ended with ${String(code)}`))
    })
  })
  const { url = '', error = '' } = JSON.parse(line) as { url?: string; error?: string }
  return { child, url, error }
}

export const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else
      child.once('exit', () => {
        resolve()
      })
  })

/** First row of one query on a connection of its own. */
export const queryOne = async (url: string, text: string): Promise<Record<string, unknown>> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text)
    return rows[0] ?? {}
  } finally {
    await client.end()
  }
}

/** Tries until it succeeds; the last failure is thrown after 20 s. */
export const eventually = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (let tries = 0; tries < 400; tries++) {
    try {
      return await attempt()
    } catch {
      await sleep(50)
    }
  }
  return attempt()
}

/** Processes whose command line has the text, zombies left out. */
export const processesWith = async (text: string): Promise<number[]> => {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(text) && Number(name) !== process.pid) found.push(Number(name))
  }
  return found
}

export const postmastersIn = async (folder: string): Promise<number[]> => {
  const found: number[] = []
  for (const pid of await processesWith(folder)) {
    const line = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')
    if (line.includes('postgres\0-D\0')) found.push(pid)
  }
  return found
}

const sweep = async (folder: string): Promise<void> => {
  for (const pid of await processesWith(folder)) kill(pid)
  await eventually(async () => {
    if ((await processesWith(folder)).length > 0) throw new Error('still there')
    await rm(folder, { recursive: true, force: true })
  })
}

/** kill -9; a process that has just gone is no failure. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
}
