import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineTooLong, planChunks } from '../../../src/cli/work/plan-chunks.ts'
import { cutBlocks, defaultBlockLimits } from '../../../src/stock/cut-blocks.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-plan-'))
})
afterAll(() => rm(folder, { recursive: true }))

const fileWith = async (content: string): Promise<string> => {
  const path = join(folder, 'rows.ndjson')
  await writeFile(path, content)
  return path
}

const gatewayRows = async (content: string): Promise<number> => {
  let rows = 0
  const stream = (async function* () {
    yield Buffer.from(content)
  })()
  for await (const block of cutBlocks(stream, defaultBlockLimits)) rows += block.rowCount
  return rows
}

describe('a plan', () => {
  it('covers the file in whole lines and counts the rows that the gateway counts', async () => {
    const line = fc.constantFrom('', '\r', '{"a":1}', '{"b":"中文"}\r', 'x'.repeat(40))
    const content = fc
      .tuple(fc.array(line, { maxLength: 60 }), fc.boolean())
      .map(([lines, isEnded]) => lines.join('\n') + (isEnded ? '\n' : ''))
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        const plan = await planChunks(await fileWith(text), 64)
        const bytes = Buffer.from(text)
        const parts = plan.chunks.map(({ start, end }) => bytes.subarray(start, end))
        expect(Buffer.concat(parts).equals(bytes)).toBe(true)
        expect(parts.every((part) => part.length > 0 && part.length <= 64)).toBe(true)
        expect(parts.slice(0, -1).every((part) => part.at(-1) === 0x0a)).toBe(true)
        expect(plan.rows).toBe(await gatewayRows(text))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a line that no chunk can hold', async () => {
    await expect(planChunks(await fileWith(`a\n${'x'.repeat(100)}\n`), 64)).rejects.toThrow(
      LineTooLong,
    )
  })
})
