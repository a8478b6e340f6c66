import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'

const vectors = fileURLToPath(new URL('../vectors/revocation/cert-good-crl/', import.meta.url))
const workingDir = await mkdtemp(join(tmpdir(), 'trust-cli-'))

const run = async (...args: readonly string[]) => {
  let printed = ''
  const io: Io = {
    ...{ env: {}, workingDir, stdin: Readable.from([]), isTerminal: false },
    out: (text) => (printed += text),
    err: (text) => (printed += text),
    now: () => new Date('2026-11-23T12:00:00Z'),
    randomBytes: (length) => randomBytes(length),
    untilStopped: () => Promise.resolve(),
  }
  return { code: await runCommand(['trust', ...args], io), printed }
}

it('adds, lists, shows and checks the data folder’s trust', async () => {
  expect(await run('list')).toEqual({ code: 0, printed: '' })
  const added = await run('add', `${vectors}trust/root.pem`, '--purpose', 'licence')
  expect(added.code).toBe(0)
  expect(added.printed).toMatch(/^anchor +[0-9a-f]{64} .*\[licence\]\n$/)
  const fingerprint = /[0-9a-f]{64}/.exec(added.printed)?.[0] ?? ''
  expect((await run('show', fingerprint.slice(0, 12).toUpperCase())).printed).toBe(added.printed)
  expect((await run('add', `${vectors}trust/sub.pem`)).code).toBe(0)
  const missing = await run('check')
  expect(missing).toMatchObject({ code: 1 })
  expect(missing.printed).toContain('没有可用的吊销信息')
  expect((await run('add', `${vectors}trust/root.crl`)).code).toBe(0)
  expect((await run('check')).code).toBe(0)
  const listed: unknown = JSON.parse((await run('list', '--json')).printed)
  expect(listed).toHaveLength(3)
})

it.each([
  ['no verb', [], 3],
  ['an unknown verb', ['believe'], 3],
  ['an unknown purpose', ['add', 'x', '--purpose', 'everything'], 3],
  ['a file that is not there', ['add', 'nothing.pem'], 1],
  ['a folder to check that is not there', ['check', '--trust', 'nowhere'], 1],
  ['a folder to list that is not there', ['list', '--trust', 'nowhere'], 1],
  ['a fingerprint that is not there', ['show', 'ffff'], 1],
])('answers %s with a sentence', async (_, args, code) => {
  const answer = await run(...args)
  expect(answer.code).toBe(code)
  expect(answer.printed).not.toBe('')
})

it('knows SM2 anchors, their authorities and CRLs', async () => {
  const sm2 = fileURLToPath(new URL('../vectors/gm/certs/', import.meta.url))
  const folder = ['--trust', await mkdtemp(join(tmpdir(), 'trust-cli-sm2-'))]
  expect((await run('add', `${sm2}a-root.pem`, ...folder)).printed).toMatch(/^anchor /)
  expect((await run('add', `${sm2}a-sub.pem`, ...folder)).code).toBe(0)
  expect((await run('add', `${sm2}a-root.crl`, ...folder)).code).toBe(0)
  expect((await run('list', ...folder)).printed).toMatch(/^anchor .*\ncertificate .*\ncrl /)
  expect(await run('check', ...folder)).toMatchObject({ code: 0 })
})
