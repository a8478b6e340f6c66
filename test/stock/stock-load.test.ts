import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../../src/stock/batch.ts'
import { testStore } from '../support/database.ts'
import {
  cleanLines,
  type DepartmentName,
  departments,
  dirtyLines,
  findingsOf,
  issuerOfLine,
  orderRelease,
  batchIn,
  steward,
  type StockWorld,
  stockWorld,
  validated,
} from './stock-world.ts'

type Expected = {
  readonly line: number
  readonly class: string
  readonly field: string
  readonly rule?: string
  readonly given?: unknown
  readonly corrected?: unknown
  readonly duplicateOfLine?: number
  readonly conflictsWithLine?: number
}

const readExpected = (): readonly Expected[] =>
  JSON.parse(
    readFileSync(new URL('../vectors/city/expected-dirty.json', import.meta.url), 'utf8'),
  ) as readonly Expected[]

/** One batch an issuer, with the line of the whole file that each of its lines was. */
const byIssuer = (lines: readonly string[]) => {
  const groups = new Map<string, { line: string; number: number }[]>()
  for (const [at, line] of lines.entries()) {
    const issuer = issuerOfLine(line)
    groups.set(issuer, [...(groups.get(issuer) ?? []), { line, number: at + 1 }])
  }
  return groups
}

const nameOf = (uscc: string): DepartmentName => {
  const found = Object.entries(departments).find(([, code]) => code === uscc)
  if (found === undefined) throw new Error(`no department ${uscc}`)
  return found[0] as DepartmentName
}

const findingFor = (fault: Expected) => ({
  kind: fault.class,
  pointer: fault.field,
  ...(fault.rule === undefined ? {} : { rule: fault.rule }),
  ...(fault.class === 'duplicate' || fault.given === null ? {} : { given: fault.given }),
  ...(fault.corrected === undefined ? {} : { corrected: fault.corrected }),
  other: fault.duplicateOfLine ?? fault.conflictsWithLine ?? 0,
})

describe('loading 2,000 clean rows', () => {
  let world: StockWorld
  const batches: Batch[] = []

  beforeAll(async () => {
    world = await stockWorld(await testStore())
    for (const [uscc, rows] of byIssuer(cleanLines())) {
      const name = nameOf(uscc)
      await world.certify(name)
      const lines = rows.map(({ line }) => line)
      const half = Math.ceil(lines.length / 2)
      const chunks = [lines.slice(0, half), lines.slice(half)].filter(({ length }) => length > 0)
      batches.push(await validated(world, steward(name, 1), uscc, chunks))
    }
  })

  it('finds nothing wrong with any of them', async () => {
    for (const batch of batches) {
      expect(await findingsOf(world, batch)).toEqual([])
      expect(batch).toMatchObject({ state: 'validated', counts: { valid: batch.expectedRows } })
    }
    expect(batches.reduce((sum, batch) => sum + (batch.counts?.valid ?? 0), 0)).toBe(2000)
  })

  it('makes all rows of a batch visible at once, and no other', async () => {
    const count = async () => {
      const { rows } = await world.store.pool.query<{ n: number }>(
        `select count(*)::integer as n from licence l join batch b on b.batch_id = l.batch_id
         join licence_signature s on s.licence_id = l.licence_id where b.state = 'released'`,
      )
      return rows[0]?.n
    }
    expect(await count()).toBe(0)
    let visible = 0
    for (const batch of batches) {
      await orderRelease(world, steward(nameOf(batch.issuerCode), 2), batch)
      await world.jobs.idle()
      visible += batch.expectedRows
      expect(await count()).toBe(visible)
      expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    }
    expect(world.faults).toEqual([])
    expect(world.events.filter(({ action }) => action === 'batch.released')).toHaveLength(10)
  })

  it('keeps nothing of what was pushed once it is released', async () => {
    const { rowCount } = await world.store.pool.query('select from batch_block')
    expect(rowCount).toBe(0)
  })

  it('links the older version of a reissued licence to the newer one', async () => {
    const { rows } = await world.store.pool.query<{ n: number; linked: number }>(
      `select count(*)::integer as n, count(successor_id)::integer as linked from licence where status = 'changed'`,
    )
    expect(rows[0]?.n).toBeGreaterThan(5)
    expect(rows[0]?.linked).toBe(rows[0]?.n)
  })
})

describe('loading 2,000 rows with 88 faults', () => {
  it('gives every faulty row its expected class and touches no faultless row', async () => {
    const world = await stockWorld(await testStore())
    const expected = new Map(readExpected().map((each) => [each.line, each]))
    const found = new Map<number, unknown>()
    for (const [uscc, rows] of byIssuer(dirtyLines())) {
      const name = nameOf(uscc)
      await world.certify(name)
      const batch = await validated(world, steward(name, 1), uscc, [rows.map(({ line }) => line)])
      const numberOf = (line = 0) => rows[line - 1]?.number ?? 0
      for (const { line, finding } of await findingsOf(world, batch)) {
        const { class: kind, rule, pointer, given, corrected, other } = finding
        const number = numberOf(line)
        expect(found.has(number), `a second finding in line ${String(number)}`).toBe(false)
        found.set(number, { kind, rule, pointer, given, corrected, other: numberOf(other?.line) })
      }
    }
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([...expected.keys()])
    for (const [line, fault] of expected) {
      expect(found.get(line), `line ${String(line)}`).toMatchObject(findingFor(fault))
    }
  })
})
