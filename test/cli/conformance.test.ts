import { fileURLToPath } from 'node:url'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { CommandFailure, UsageError } from '../../src/cli/command-error.ts'
import { conformanceCommand } from '../../src/cli/conformance.ts'
import type { Io } from '../../src/cli/io.ts'

const capture = (): { io: Io; lines: () => unknown[] } => {
  let printed = ''
  const io: Io = {
    ...{ env: {}, workingDir: fileURLToPath(new URL('../vectors', import.meta.url)) },
    ...{ stdin: Readable.from([]), isTerminal: false },
    out: (text) => (printed += text),
    err: () => undefined,
    now: () => new Date(0),
    randomBytes: (length) => new Uint8Array(length),
    untilStopped: () => Promise.resolve(),
  }
  const lines = () =>
    printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
  return { io, lines }
}

it('prints one line per case and the summary last', async () => {
  const { io, lines } = capture()
  expect(await conformanceCommand(['merkle', 'merkle/inclusion.json'], io)).toBe(0)
  const printed = lines()
  expect(printed).toHaveLength(99)
  expect(printed[0]).toMatchObject({
    ...{ id: 'inclusion/0/empty-root', expected: 'reject', got: 'reject' },
    cpuMs: expect.any(Number) as number,
  })
  expect(printed.at(-1)).toEqual({
    ...{ summary: true, total: 98, right: 98, wrongAccept: 0, wrongReject: 0, noAnswer: 0 },
  })
})

it.each([
  [[]],
  [['merkle']],
  [['no-such-suite', 'x']],
  [['constructor', 'x']],
  [['merkle', 'a', 'b']],
])('asks for a suite and a file instead of %j', async (args) => {
  await expect(conformanceCommand(args, capture().io)).rejects.toThrow(UsageError)
})

it('says in a sentence that a file is none of the suite, and judges nothing', async () => {
  const { io, lines } = capture()
  await expect(conformanceCommand(['merkle', '../../README.md'], io)).rejects.toThrow(
    CommandFailure,
  )
  expect(lines).toThrow(SyntaxError)
}, 60_000)
