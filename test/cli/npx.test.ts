import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const cache = await mkdtemp(join(tmpdir(), 'zhengqiao-npx-'))
afterAll(() => rm(cache, { recursive: true, force: true }))

/** npx of this checkout with an empty cache and no registry: what it cannot find here, it cannot fetch. */
const npx = (
  args: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn('npx', ['--no-install', 'zhengqiao', ...args], {
      env: {
        ...process.env,
        npm_config_cache: cache,
        npm_config_registry: 'http://127.0.0.1:9',
        npm_config_offline: 'true',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    child.once('error', reject)
    child.once('close', (exitCode) => {
      resolve({ exitCode, output })
    })
  })

describe('npx --no-install zhengqiao', () => {
  it('runs from the checkout without a build and without a cache', async () => {
    const help = await npx(['--help'])
    expect(help.exitCode).toBe(0)
    expect(help.output).toContain('verify')
  }, 60_000)

  it('answers usage errors with exit code 3', async () => {
    expect((await npx(['verify'])).exitCode).toBe(3)
    expect((await npx(['no-such-command'])).exitCode).toBe(3)
  }, 60_000)
})
