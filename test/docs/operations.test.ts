import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { createMetrics } from '../../src/http/metrics.ts'

const root = join(import.meta.dirname, '../..')
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8')
const operations = await read('docs/operations.md')

describe('docs/operations.md', () => {
  it('lists every environment variable of the configuration', async () => {
    const named = new Set(
      (await read('src/config.ts')).match(/\b(ZHENGQIAO_[A-Z_]+|DATABASE_URL)\b/g),
    )
    expect(named.size).toBeGreaterThan(6)
    for (const variable of named) expect(operations).toContain(`| \`${variable}\` |`)
  })

  it('explains every line of /readyz', async () => {
    const probes = [...(await read('src/wiring/open-routes.ts')).matchAll(/name: '([a-z-]+)'/g)]
    expect(probes.length).toBeGreaterThan(1)
    for (const [, name = ''] of probes) expect(operations).toContain(`| \`${name}\` |`)
  })

  it('explains every metric of our own', async () => {
    const counts = { events: 0, drains: 0, replays: 0, refusals: 0, size: 0, waiting: 0, owed: 0 }
    const ledger = () => ({ ...counts, isWriting: true, origin: 'gateway.example/node-1' })
    const pool = { totalCount: 0, idleCount: 0, waitingCount: 0 }
    const answer = await createMetrics({ ledger, pool }).route.answer({})
    const names = [...String(answer?.body).matchAll(/^# TYPE (zhengqiao_\w+)/gm)]
    expect(names.length).toBeGreaterThan(9)
    for (const [, name = ''] of names) expect(operations).toContain(`\`${name}\``)
  })

  it('names commands that exist', () => {
    const known = commands.map(({ name }) => name)
    for (const [, name = ''] of operations.matchAll(/npx zhengqiao ([a-z-]+)/g))
      expect(known).toContain(name)
  })
})
