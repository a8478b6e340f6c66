import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { nearestWord } from '../../src/cli/nearest-word.ts'
import { createProgress } from '../../src/cli/work/progress.ts'
import { runCaptured } from './captured-io.ts'

const root = join(import.meta.dirname, '../..')
const script = join(root, 'src/cli/zhengqiao.js')

describe('the command line', () => {
  it('lists every command that people call, and says what the exit codes mean', async () => {
    const { code, out } = await runCaptured(['--help'])
    expect(code).toBe(0)
    for (const { name, isInternal } of commands)
      expect(out.includes(`\n  ${name} `), name).toBe(isInternal !== true)
    expect(out).toMatch(/退出码.*0 .*1 .*2 .*\n3 /s)
    expect(await runCaptured([])).toMatchObject({ code: 3, out })
  })

  it.each(commands.map((command) => [command.name, command] as const))(
    'teaches %s with its own usage, before anything is loaded',
    async (name, { usage, isInternal }) => {
      expect(usage).toMatch(new RegExp(`^zhengqiao ${name}`))
      if (isInternal !== true) expect(usage, 'an example').toMatch(/^ {2}(\w+=\S+ )?zhengqiao /m)
      for (const args of [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
      ])
        expect(await runCaptured(args)).toEqual({ code: 0, out: `${usage}\n`, err: '' })
    },
  )

  it('takes no secret as a word: options name files and folders', () => {
    const secret = /^--(.*-)?(password|secret|token|pin|passphrase|private)(?!.*-file$)/
    for (const { usage } of commands)
      expect((usage.match(/--[a-z-]+/g) ?? []).filter((option) => secret.test(option))).toEqual([])
  })

  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    expect(await runCaptured(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each([
    [['stok', 'push'], 'zhengqiao stock'],
    [['stock', 'psuh'], 'did you mean: push'],
    [['verify', '--ofline', 'x'], 'did you mean: --offline'],
    [['keys', 'rotat'], 'did you mean: rotate'],
    [['case', 'fetch', 'C', '--materials', 'M'], 'did you mean: --material'],
  ])('answers %j with exit code 3 and the nearest word', async (args, advice) => {
    const { code, out, err } = await runCaptured(args)
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain(advice)
  })

  it.each([
    [['stock'], 3, 'lint | push'],
    [['serve', '--processes', '0'], 3, 'ZHENGQIAO_PROCESSES'],
    [
      ['cert', 'request', 'x', '--out', `${script}/key`],
      1,
      /zhengqiao\.js.*: 不是文件夹 \/ not a folder\n$/,
    ],
    [['signer', '--dir', 'nowhere'], 1, /^读不了签章目录 .* \(ENOENT\)\n$/],
    [
      ['stock', 'lint', 'x', '--issuer', 'X', '--catalogue', 'nowhere'],
      1,
      /^读不了 JSON 文件 .*nowhere\n$/,
    ],
  ])('answers %j with a sentence', async (args, code, sentence) => {
    const ran = await runCaptured(args)
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toMatch(sentence)
    expect(ran.err).not.toMatch(/did you mean|^ +at /m)
  })

  it('suggests nothing that is far away', () => {
    expect(nearestWord('frobnicate', ['push', 'status'])).toBeUndefined()
    expect(nearestWord('', ['push'])).toBeUndefined()
  })

  it('keeps its exit code when nobody reads its output', async () => {
    const child = spawn(process.execPath, [script, 'keys', '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect([code, signal, err]).toEqual([0, null, ''])
  })
})

describe('a progress bar', () => {
  it('shows on a terminal and nowhere else', () => {
    const shown = (isErrTerminal: boolean): string => {
      let text = ''
      const progress = createProgress({ err: (part) => (text += part), isErrTerminal })
      progress.show(1, 2)
      progress.end()
      return text
    }
    expect(shown(false)).toBe('')
    expect(shown(true)).toContain('1/2\n')
  })
})
