import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const directory = mkdtempSync(join(tmpdir(), 'gm-judge-'))

/** Writes a file of the judge's own folder and answers its path. */
export const put = (name: string, content: string | Uint8Array): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

export const pathOf = (name: string): string => join(directory, name)

/** Runs openssl; true when it exits with 0. */
export const openssl = async (...args: readonly string[]): Promise<boolean> => {
  try {
    await run('openssl', args)
    return true
  } catch {
    return false
  }
}

/** What openssl writes to its output. */
export const opensslOutput = async (...args: readonly string[]): Promise<Buffer> => {
  const { stdout } = await run('openssl', args, { encoding: 'buffer' })
  return stdout
}

export const userId = ['-pkeyopt', 'distid:1234567812345678'] as const

/** `slot` keeps the files of parallel runs apart. */
export const opensslVerifies = (
  slot: number,
  publicPem: string,
  message: Uint8Array,
  derSignature: Uint8Array,
): Promise<boolean> =>
  openssl(
    ...['pkeyutl', '-verify', '-pubin', '-inkey', publicPem, '-rawin', '-digest', 'sm3'],
    ...['-in', put(`m${String(slot)}`, message), '-sigfile', put(`s${String(slot)}`, derSignature)],
    ...userId,
  )

export const opensslSigns = (
  slot: number,
  privatePem: string,
  message: Uint8Array,
): Promise<Buffer> =>
  opensslOutput(
    ...['pkeyutl', '-sign', '-inkey', privatePem, '-rawin', '-digest', 'sm3'],
    ...['-in', put(`n${String(slot)}`, message), ...userId],
  )

/** Runs `work` for 0..count-1, two at a time, and counts the numbers for which it answered true. */
export const countTrue = async (
  count: number,
  work: (index: number, slot: number) => Promise<boolean>,
): Promise<number> => {
  let next = 0
  let right = 0
  const worker = async (slot: number): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const good = await work(index, slot)
      if (good) right++
    }
  }
  await Promise.all([worker(0), worker(1)])
  return right
}
