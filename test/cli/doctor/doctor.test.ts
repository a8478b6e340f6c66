import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { judgeClock, lookAtOtherClock } from '../../../src/cli/doctor/look-at-clock.ts'
import { judgeDaysLeft } from '../../../src/cli/doctor/look-at-folder.ts'
import { lookAtNode } from '../../../src/cli/doctor/look-at-machine.ts'
import { removeCluster } from '../../../src/store/embedded-cluster.ts'
import { runCaptured } from '../captured-io.ts'

let folder: string
let stranger: Server
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-doctor-'))
  await chmod(folder, 0o711)
  stranger = createServer((_request, response) => {
    response.end('something else')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  const address = stranger.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  stranger.close()
  await removeCluster(join(folder, 'data')).catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
})

const report = z.object({
  findings: z.array(z.looseObject({ check: z.string(), status: z.string() })),
})

const examine = async (env: Record<string, string> = {}) => {
  const ran = await runCaptured(['doctor', '--json'], {
    env: { ZHENGQIAO_DATA: join(folder, 'data'), ZHENGQIAO_PORT: '0', ...env },
    workingDir: folder,
  })
  const { findings } = report.parse(JSON.parse(ran.out))
  const wrong = findings.filter(({ status }) => status === 'wrong').map(({ check }) => check)
  return { code: ran.code, findings, wrong }
}

describe('zhengqiao doctor', () => {
  it('says that a folder is not set up, and that a stranger has the port', async () => {
    const { code, wrong } = await examine({ ZHENGQIAO_PORT: String(port) })
    expect(code).toBe(1)
    expect(wrong).toEqual(['folder', 'port'])
  })

  it('names every wrong variable', async () => {
    const { wrong, findings } = await examine({ ZHENGQIAO_PORT: 'x', ZHENGQIAO_LOG: 'y' })
    expect(wrong).toEqual(['environment'])
    expect(JSON.stringify(findings)).toMatch(/ZHENGQIAO_PORT.*ZHENGQIAO_LOG/)
  })

  it('finds a machine well, and then what was broken on it', async () => {
    const env = { ZHENGQIAO_DATA: join(folder, 'data') }
    const set = await runCaptured(['init'], { env, workingDir: folder })
    expect(set.code).toBe(0)
    const well = await examine()
    expect(well.wrong).toEqual([])
    expect(well.code).toBeOneOf([0, 2])
    const checks = well.findings.map(({ check }) => check)
    for (const check of ['disk', 'port', 'key note', 'database', 'schema', 'crypto gm'])
      expect(checks).toContain(check)

    await chmod(join(folder, 'data/keys/data-keys.json'), 0o644)
    await writeFile(join(folder, 'data/trust/gateway.vkey'), 'other+00000000+AAAA\n')
    await writeFile(join(folder, 'data/keys/attestation.chain.pem'), 'nothing')
    const broken = await examine()
    expect(broken.code).toBe(1)
    expect(broken.wrong).toEqual([
      'key data-keys',
      'key note',
      'key attestation',
      'certificate attestation',
    ])
  }, 60_000)

  it('says how to mend what is wrong', async () => {
    const { findings } = await examine()
    for (const finding of findings)
      if (finding.status !== 'ok') expect(finding).toHaveProperty('mendZh')
  })
})

describe('a look', () => {
  it.each([
    ['20.18.1', 'wrong'],
    ['20.19.0', 'ok'],
    ['21.7.0', 'wrong'],
    ['22.12.0', 'wrong'],
    ['22.13.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('at Node.js %s finds it %s', (version, status) => {
    expect(lookAtNode(version).status).toBe(status)
  })

  it.each([
    [0, 'ok'],
    [-1999, 'ok'],
    [2000, 'attention'],
    [-29_999, 'attention'],
    [30_000, 'wrong'],
  ])('at a clock %i ms off finds it %s', (differenceMs, status) => {
    expect(judgeClock({ nameZh: '', name: '' }, differenceMs).status).toBe(status)
  })

  it('at another server’s clock reads its Date header', async () => {
    const url = `http://127.0.0.1:${String(port)}/`
    expect((await lookAtOtherClock(url, () => new Date())).status).toBe('ok')
    const late = () => new Date(Date.now() + 60_000)
    expect((await lookAtOtherClock(url, late)).status).toBe('wrong')
  })

  it.each([
    [-1, 'wrong'],
    [0, 'wrong'],
    [30, 'attention'],
    [31, 'ok'],
  ])('at %i days left finds %s', (days, status) => {
    const limits = { wrongBelow: 0, attentionBelow: 30 }
    expect(judgeDaysLeft('certificate', days, limits).status).toBe(status)
  })
})
