import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../../src/stock/batch.ts'
import { errorsCsvHeader, errorsCsvLines } from '../../src/stock/errors-csv.ts'
import { errorsData, listErrors } from '../../src/stock/list-errors.ts'
import { testStore } from '../support/database.ts'
import { aLine, aPerson, issuer } from './stock-rows.ts'
import {
  findingsOf,
  memberOf,
  steward,
  type StockWorld,
  stockWorld,
  validated,
} from './stock-world.ts'

const caller = steward('social-security', 1)
let world: StockWorld
let batch: Batch

beforeAll(async () => {
  world = await stockWorld(await testStore())
  await world.certify('social-security')
  const holder = { ...aPerson(3), name: '=HYPERLINK("x")' }
  batch = await validated(world, caller, issuer, [
    [aLine(1, { validTo: '长期' }), '{', aLine(3, { holders: [holder] })],
    [aLine(4, { status: 'ok', trustLevel: 'Z' })],
  ])
})

const list = (query: { class?: 'warn' | 'quarantine'; limit?: number; cursor?: string }) =>
  listErrors(world.deps, world.store.db, caller, { limit: 20, ...query, batchId: batch.batchId })

describe('the findings of a batch', () => {
  it('are listed in order with given and corrected value, title and advice', async () => {
    const { data } = await list({})
    const { items, nextCursor } = errorsData.parse(data)
    expect(nextCursor).toBeNull()
    expect(items.map(({ chunk, line, rule }) => [chunk, line, rule])).toEqual([
      [1, 1, 'no_end_form'],
      [1, 2, 'malformed_json'],
      [1, 3, 'unusual_characters'],
      [2, 1, 'status_unknown'],
      [2, 1, 'trust_level_unknown'],
    ])
    expect(items[0]).toMatchObject({ pointer: '/validTo', given: '长期', corrected: null })
  })

  it('come in pages that neither repeat nor lose one', async () => {
    const rules: string[] = []
    let cursor: string | undefined
    do {
      const { data } = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
      const page = errorsData.parse(data)
      rules.push(...page.items.map(({ rule }) => rule))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(rules).toHaveLength(5)
    expect(new Set(rules).size).toBe(5)
  })

  it('can be asked for by class', async () => {
    const { items } = errorsData.parse((await list({ class: 'warn' })).data)
    expect(items.map(({ rule }) => rule)).toEqual(['unusual_characters'])
  })

  it('refuse a cursor that is none, and other departments', async () => {
    await expect(list({ cursor: 'zzz' })).rejects.toMatchObject({ code: 'bad_cursor' })
    await expect(
      listErrors(world.deps, world.store.db, steward('land', 1), {
        limit: 20,
        batchId: batch.batchId,
      }),
    ).rejects.toMatchObject({ code: 'batch_not_found' })
  })

  it('say nothing of a person in the deed that is filed', async () => {
    const { deed } = await list({})
    expect(JSON.stringify(deed)).not.toMatch(/HYPERLINK|长期/)
    expect(memberOf({ status: 200, data: deed.detail ?? null, deed }, 'batchId')).toBe(
      batch.batchId,
    )
  })

  it('stand encrypted in the database', async () => {
    const { rows } = await world.store.pool.query<{ blob: Buffer | null }>(
      'select detail_blob as blob from batch_error union all select blob from batch_block',
    )
    expect(rows.length).toBeGreaterThan(4)
    for (const { blob } of rows) {
      expect(blob?.toString('utf8') ?? '').not.toMatch(/HYPERLINK|长期|测试/)
    }
  })

  it('make a table that office software takes as text', async () => {
    const csv = errorsCsvHeader() + errorsCsvLines(await findingsOf(world, batch))
    const lines = csv.split('\r\n')
    expect(lines[0]).toMatch(/^\ufeff分块,行,结果,/)
    expect(lines[1]).toContain('/validTo')
    expect(lines[3]).toContain(`"'=HYPERLINK(""x"")"`)
    expect(lines).toHaveLength(7)
  })
})
