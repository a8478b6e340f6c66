import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
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

/** What is read and written under `name` in round `index` of {@link opensslRounds}. */
export const putRound = (name: string, index: number, content: Uint8Array): string =>
  put(`${name}${String(index)}`, content)
export const readRound = (name: string, index: number): Buffer =>
  readFileSync(pathOf(`${name}${String(index)}`))

/**
 * Runs one openssl command for the rounds 0..count-1 and answers which of them exited with 0. `$i` in an
 * argument is the round. One shell starts them all: a process of node costs many times what openssl does.
 */
export const opensslRounds = async (
  count: number,
  args: readonly string[],
): Promise<readonly boolean[]> => {
  const script = `i=0; while [ $i -lt ${String(count)} ]; do
    if openssl ${args.map((arg) => `"${arg}"`).join(' ')} >/dev/null 2>&1; then echo 1; else echo 0; fi
    i=$((i+1)); done`
  const env = { ...process.env, OPENSSL_CONF: '/dev/null' }
  const { stdout } = await run('sh', ['-c', script], { cwd: directory, env })
  const verdicts = stdout.trim().split('\n')
  if (verdicts.length !== count) throw new Error('the shell lost a round')
  return verdicts.map((verdict) => verdict === '1')
}

/** Verification and signing of `m$i` with `s$i`, for {@link opensslRounds}. */
export const verifyRound = (publicPem: string): readonly string[] => [
  ...['pkeyutl', '-verify', '-pubin', '-inkey', publicPem, '-rawin', '-digest', 'sm3'],
  ...['-in', 'm$i', '-sigfile', 's$i', ...userId],
]
export const signRound = (privatePem: string): readonly string[] => [
  ...['pkeyutl', '-sign', '-inkey', privatePem, '-rawin', '-digest', 'sm3'],
  ...['-in', 'm$i', '-out', 's$i', ...userId],
]

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
