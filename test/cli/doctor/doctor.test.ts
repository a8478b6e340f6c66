import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { judgeClock, lookAtOtherClock } from '../../../src/cli/doctor/look-at-clock.ts'
import { judgeDaysLeft } from '../../../src/cli/doctor/look-at-folder.ts'
import { judgeDisk, lookAtNode } from '../../../src/cli/doctor/look-at-machine.ts'
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
  findings: z.array(
    z.looseObject({
      check: z.string(),
      status: z.string(),
      message: z.string(),
      mendZh: z.string().optional(),
      mend: z.string().optional(),
    }),
  ),
})

const examine = async (env: Record<string, string> = {}, now = () => new Date()) => {
  const ran = await runCaptured(['doctor', '--json'], {
    env: { ZHENGQIAO_DATA: join(folder, 'data'), ZHENGQIAO_PORT: '0', ...env },
    workingDir: folder,
    now,
  })
  const { findings } = report.parse(JSON.parse(ran.out))
  const wrong = findings.filter(({ status }) => status === 'wrong').map(({ check }) => check)
  return { code: ran.code, findings, wrong }
}

describe('zhengqiao doctor', () => {
  it('says that a folder is not set up, and that a stranger has the port', async () => {
    const { code, wrong, findings } = await examine({ ZHENGQIAO_PORT: String(port) })
    expect(code).toBe(1)
    expect(wrong).toEqual(['folder', 'port'])
    expect(findings.find(({ check }) => check === 'folder')?.mend).toMatch(/^Run zhengqiao init/)
  })

  it('names every wrong variable', async () => {
    const { wrong, findings } = await examine({ ZHENGQIAO_PORT: 'x', ZHENGQIAO_LOG: 'y' })
    expect(wrong).toEqual(['environment'])
    expect(JSON.stringify(findings)).toMatch(/ZHENGQIAO_PORT.*ZHENGQIAO_LOG/)
  })

  it('finds a machine well', async () => {
    const env = { ZHENGQIAO_DATA: join(folder, 'data') }
    const set = await runCaptured(['init'], { env, workingDir: folder })
    expect(set.code).toBe(0)
    const well = await examine()
    expect(well.wrong).toEqual([])
    expect(well.code).toBeOneOf([0, 2])
    const checks = well.findings.map(({ check }) => check)
    for (const check of ['disk', 'port', 'key note', 'database', 'schema', 'crypto gm'])
      expect(checks).toContain(check)
  }, 60_000)

  const inData = (name: string): string => join(folder, 'data', name)
  const later = (ms: number) => () => new Date(Date.now() + ms)
  const beforeEnd = async (days: number) => {
    const chain = await readFile(inData('keys/attestation.chain.pem'))
    const end = Date.parse(new X509Certificate(chain).validTo)
    return () => new Date(end - days * 86_400_000)
  }
  const unreadable = { DATABASE_URL: 'postgres://127.0.0.1:1/nobody' }
  const opened = (name: string) => async () => {
    await chmod(inData(name), 0o644)
    return { undo: () => chmod(inData(name), 0o600) }
  }
  const moved = (name: string) => async () => {
    await rename(inData(name), inData('moved'))
    return { undo: () => rename(inData('moved'), inData(name)) }
  }
  type Broken = {
    readonly env?: Record<string, string>
    readonly now?: () => Date
    readonly undo?: () => Promise<void>
  }

  /** What is broken, the check that names it, its status, a word of the sentence that mends it. */
  const breaks: readonly (readonly [string, () => Promise<Broken>, string, string, RegExp])[] = [
    [
      'a clock behind the making of the folder',
      () => Promise.resolve({ now: later(-3_600_000) }),
      ...(['clock: the clock is earlier than the data folder', 'wrong'] as const),
      /NTP/,
    ],
    [
      'a clock that differs from the database’s',
      () => Promise.resolve({ now: later(60_000) }),
      ...(['clock: our clock is 60', 'wrong'] as const),
      /NTP/,
    ],
    [
      'a port that a stranger holds',
      () => Promise.resolve({ env: { ZHENGQIAO_PORT: String(port) } }),
      ...(['port', 'wrong'] as const),
      /ZHENGQIAO_PORT/,
    ],
    ['a lost gateway.json', moved('gateway.json'), 'folder', 'wrong', /^Restore gateway\.json/],
    [
      'a revocation list that is none',
      async () => {
        await writeFile(inData('trust/junk.crl'), 'junk')
        return { undo: () => rm(inData('trust/junk.crl')) }
      },
      ...(['crl junk.crl', 'wrong'] as const),
      /revocation list/,
    ],
    ['lost data keys', moved('keys/data-keys.json'), 'key data-keys', 'wrong', /Restore keys/],
    ['open data keys', opened('keys/data-keys.json'), 'key data-keys', 'wrong', /0600/],
    ['an open note key', opened('keys/note.key'), 'key note', 'wrong', /0600/],
    [
      'an open attestation key',
      opened('keys/attestation.key.pem'),
      ...(['key attestation', 'wrong'] as const),
      /0600/,
    ],
    [
      'a certificate close to its end',
      async () => ({ now: await beforeEnd(10) }),
      ...(['certificate attestation', 'attention'] as const),
      /Renew/,
    ],
    [
      'a certificate past its end',
      async () => ({ now: await beforeEnd(-1) }),
      ...(['certificate attestation', 'wrong'] as const),
      /Renew/,
    ],
    [
      'a database out of reach',
      () => Promise.resolve({ env: unreadable }),
      ...(['database', 'wrong'] as const),
      /DATABASE_URL/,
    ],
    [
      'a missing backend',
      () => {
        Reflect.deleteProperty(globalThis, 'WebAssembly')
        return Promise.resolve({})
      },
      ...(['crypto gm', 'attention'] as const),
      /supported Node/,
    ],
  ]

  it.each(breaks)(
    'names %s and how to mend it',
    async (_what, breakIt, check, status, mend) => {
      const kept = Reflect.getOwnPropertyDescriptor(globalThis, 'WebAssembly')
      const { env = {}, now, undo } = await breakIt()
      try {
        const { findings, code } = await examine(env, now)
        const named = findings.filter(
          ({ check: name, message, status: found }) =>
            `${name}: ${message}`.startsWith(check) && found === status,
        )
        expect(named).not.toEqual([])
        for (const { mend: sentence, mendZh } of named) {
          expect(sentence).toMatch(mend)
          expect(mendZh).toMatch(/\p{Script=Han}{2}/u)
        }
        expect(code).not.toBe(0)
      } finally {
        if (kept !== undefined) Reflect.defineProperty(globalThis, 'WebAssembly', kept)
        await undo?.()
      }
      const after = await examine()
      expect(after.wrong).toEqual([])
    },
    60_000,
  )

  it('finds everything that is broken at once', async () => {
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

  it.each([
    [{ bytes: 20 * 1024 ** 3, hasFiles: true }, 'ok'],
    [{ bytes: 5 * 1024 ** 3, hasFiles: true }, 'attention'],
    [{ bytes: 0.5 * 1024 ** 3, hasFiles: true }, 'wrong'],
    [{ bytes: 20 * 1024 ** 3, hasFiles: false }, 'wrong'],
  ])('at a disk with %o left finds it %s and names the folder', (left, status) => {
    const finding = judgeDisk('/srv/data', left)
    expect(finding.status).toBe(status)
    if (status !== 'ok') expect(finding.mend).toContain('/srv/data')
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
