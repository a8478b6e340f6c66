import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { judgeCases } from '../../../src/cli/conformance/judge-cases.ts'
import type { CaseResult } from '../../../src/verification/conformance/suite.ts'

const start = (script: string) => (from: number) =>
  fork(fileURLToPath(new URL(script, import.meta.url)), [String(from)])

it('goes on behind a case that never ends and behind one that ends the process', async () => {
  const results: CaseResult[] = []
  const limits = { cpuMs: 300, wallMs: 20_000 }
  for await (const result of judgeCases(start('odd-cases.js'), limits)) results.push(result)
  expect(results.map(({ id, got }) => [id, got])).toEqual([
    [0, 'accept'],
    [1, 'none'],
    [2, 'none'],
    [3, 'reject'],
  ])
  expect(results[1]?.cpuMs).toBeGreaterThan(250)
  expect(results[1]?.cpuMs).toBeLessThan(1500)
})

it('does not try again and again where no case begins', async () => {
  const limits = { cpuMs: 300, wallMs: 20_000 }
  const cases = judgeCases(start('no-such-script.js'), limits)
  await expect(cases.next()).rejects.toThrow('cannot be read')
})
