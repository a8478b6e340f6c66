import { randomBytes } from 'node:crypto'
import { mkdtemp, mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import {
  aNoteSigner,
  makeAnswer,
  makeCity,
  makeCredentialText,
} from '../verification/verification-world.ts'

const city = await makeCity()
const signer = await city.issue()
const log = aNoteSigner()
const credential = await makeCredentialText(signer)
const answer = await makeAnswer([log], credential)

const workingDir = await mkdtemp(join(tmpdir(), 'verify-'))
const { anchors, crls, noteKeys } = await city.trust([log])
for (const folder of ['trust', join('data', 'trust'), 'nobody']) {
  await mkdir(join(workingDir, folder), { recursive: true })
}
for (const folder of ['trust', join('data', 'trust')]) {
  const files = [
    ...anchors.map((der) => ['der', der] as const),
    ...crls.map((der) => ['crl', der] as const),
  ]
  for (const [n, [ending, der]] of files.entries()) {
    await writeFile(join(workingDir, folder, `${String(n)}.${ending}`), der)
  }
  await writeFile(join(workingDir, folder, 'log.vkey'), noteKeys.join('\n'))
}
await writeFile(join(workingDir, 'credential.sdjwt'), credential)
await writeFile(join(workingDir, 'receipt.json'), answer.text)
await writeFile(join(workingDir, 'false.json'), answer.text.replace('男', '女'))
await writeFile(join(workingDir, 'letter.txt'), '一封信')

const run = async (args: readonly string[], stdin = '') => {
  const said = { out: '', err: '' }
  const io: Io = {
    env: {},
    workingDir,
    stdin: Readable.from([Buffer.from(stdin)]),
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    isTerminal: false,
    now: () => new Date('2026-06-01T00:00:00Z'),
    randomBytes,
    untilStopped: async () => undefined,
  }
  const exitCode = await runCommand(['verify', ...args], io)
  return { exitCode, ...said }
}

it.each([
  ['a credential', ['credential.sdjwt', '--trust', 'trust', '--offline'], 0, 'TOTAL_PASSED'],
  ['a receipt', ['receipt.json', '--trust', 'trust'], 0, 'TOTAL_PASSED'],
  ['a receipt with the data folder’s trust', ['receipt.json'], 0, 'TOTAL_PASSED'],
  ['a changed answer', ['false.json', '--trust', 'trust'], 1, 'TOTAL_FAILED'],
  [
    'a credential when nobody is trusted',
    ['credential.sdjwt', '--trust', 'nobody'],
    2,
    'INDETERMINATE',
  ],
  ['a letter', ['letter.txt'], 2, 'INDETERMINATE'],
  [
    'a credential at a time without revocation data',
    ['credential.sdjwt', '--at', '2026-09-01T00:00:00+08:00'],
    2,
    'INDETERMINATE',
  ],
] as const)('judges %s', async (_, args, exitCode, verdict) => {
  const text = await run(args)
  expect(text).toMatchObject({ exitCode, err: '' })
  expect(text.out.startsWith(verdict)).toBe(true)
  expect(text.out.split('\n')[0]).toMatch(/[。]$/)
  const json = await run([...args, '--json'])
  expect(json.exitCode).toBe(exitCode)
  expect(json.out.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(json.out)).toMatchObject({ verdict })
})

it('reads standard input', async () => {
  expect((await run(['-', '--json'], credential)).exitCode).toBe(0)
})

it('names the sub-indication and every check in its JSON', async () => {
  const { out } = await run(['false.json', '--json'])
  expect(JSON.parse(out)).toMatchObject({
    verdict: 'TOTAL_FAILED',
    subIndication: 'HASH_FAILURE',
    artefact: 'receipt',
    at: '2026-06-01T00:00:00.000Z',
  })
  expect(out).toContain('{"code":"response_digest","status":"failed"')
})

it.each([
  ['no file', []],
  ['two files', ['a', 'b']],
  ['an unknown option', ['credential.sdjwt', '--strict']],
  ['a file that is not there', ['missing.json']],
  ['a folder', ['trust']],
  ['a trust folder that is not there', ['credential.sdjwt', '--trust', 'missing']],
  ['a time that is none', ['credential.sdjwt', '--at', 'yesterday']],
  ['a time without its offset', ['credential.sdjwt', '--at', '2026-06-01T00:00:00']],
])('answers exit code 3 and the usage for %s', async (_, args) => {
  const { exitCode, out, err } = await run(args)
  expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' })
  expect(err).toContain('zhengqiao verify FILE|-')
  const json = await run([...args, '--json'])
  expect(json.exitCode).toBe(3)
  expect(JSON.parse(json.out)).toEqual({ error: 'usage', message: err.split('\n')[0] })
})

it('opens no device or pipe and no file beyond 64 MiB, and reads no more from standard input', async () => {
  expect((await run(['/dev/zero'])).exitCode).toBe(3)
  const long = 64 * 1024 * 1024 + 1
  await writeFile(join(workingDir, 'long.txt'), '')
  await truncate(join(workingDir, 'long.txt'), long)
  expect((await run(['long.txt'])).exitCode).toBe(3)
  expect((await run(['-'], 'a'.repeat(long))).exitCode).toBe(3)
})

it('passes over links to nowhere and to themselves in a trust folder', async () => {
  await symlink('nowhere', join(workingDir, 'trust', 'gone.pem'))
  await symlink('self.pem', join(workingDir, 'trust', 'self.pem'))
  expect((await run(['credential.sdjwt', '--trust', 'trust'])).exitCode).toBe(0)
})
