import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openAlgorithms } from '../../src/crypto/algorithms.ts'
import type { SealedColumn, SealedRow } from '../../src/store/sealed-column.ts'
import { createDataKeys, loadDataKeys } from '../../src/store/data-keys.ts'
import { sealedColumns } from '../../src/wiring/data-key-columns.ts'
import { coded } from '../crypto/coded.ts'

/* What somebody could do who writes in the database and has no data key: move blobs about. */

const file = createDataKeys(randomBytes)
const profiles = await Promise.all(
  (['international', 'gm'] as const).map(async (profile) => {
    const { atRest } = await openAlgorithms(profile, randomBytes)
    return [profile, loadDataKeys(file, atRest)] as const
  }),
)

const samples = {
  uuid: ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002'],
  text: ['one', 'two'],
  bigint: ['1', '2'],
  int: [1, 2],
} as const

/** A row whose values are all the first sample, or the second in the columns named. */
const rowOf = ({ key, also = [] }: SealedColumn, others: readonly string[] = []): SealedRow => {
  const columns = [...key, ...also.map((name) => ({ name, type: 'text' as const }))]
  return Object.fromEntries(
    columns.map(({ name, type }) => [name, samples[type][others.includes(name) ? 1 : 0]]),
  )
}

/** Events move from the outbox into the log as they are: the receipt number names them in both. */
const placeOf = ({ table, blob }: SealedColumn): string =>
  table === 'ledger_outbox' ? 'ledger_event.blob' : `${table}.${blob}`
const namesOf = ({ key, also }: SealedColumn): readonly string[] =>
  also ?? key.map(({ name }) => name)

describe.each(profiles)('a blob at rest under %s', (_, keys) => {
  const sealedIn = (column: SealedColumn) =>
    keys.seal(Buffer.from('secret'), column.context(rowOf(column)))

  it('opens in its own column and row only', () => {
    for (const column of sealedColumns) {
      const { blob, keyId } = sealedIn(column)
      const open =
        (place: SealedColumn, others: readonly string[] = []) =>
        () =>
          keys.open(blob, keyId, place.context(rowOf(place, others)))
      expect(open(column)().toString()).toBe('secret')
      for (const name of namesOf(column))
        expect([placeOf(column), name, coded(open(column, [name]))]).toEqual([
          placeOf(column),
          name,
          'blob_not_authentic',
        ])
      for (const place of sealedColumns)
        if (placeOf(place) !== placeOf(column))
          expect([placeOf(column), placeOf(place), coded(open(place))]).toEqual([
            placeOf(column),
            placeOf(place),
            'blob_not_authentic',
          ])
    }
  })

  it('does not open with its tag cut, lengthened or exchanged', () => {
    const context = Buffer.from('context')
    const { blob, keyId } = keys.seal(Buffer.from('secret'), context)
    const other = keys.seal(Buffer.from('secret'), context).blob
    for (let cut = 1; cut <= blob.length; cut++)
      expect(coded(() => keys.open(blob.subarray(0, -cut), keyId, context))).toMatch(/^blob_/)
    for (const tail of [Buffer.alloc(1), Buffer.alloc(16)])
      expect(coded(() => keys.open(Buffer.concat([blob, tail]), keyId, context))).toMatch(/^blob_/)
    const mixed = Buffer.concat([blob.subarray(0, -16), other.subarray(-16)])
    expect(coded(() => keys.open(mixed, keyId, context))).toBe('blob_not_authentic')
  })

  it('does not open under the other profile, also with its version changed', () => {
    const context = Buffer.from('context')
    for (const [, elsewhere] of profiles) {
      if (elsewhere === keys) continue
      const { blob, keyId } = keys.seal(Buffer.from('secret'), context)
      expect(coded(() => elsewhere.open(blob, keyId, context))).toBe('blob_malformed')
      blob[0] = 3 - (blob[0] ?? 0)
      expect(coded(() => elsewhere.open(blob, keyId, context))).toBe('blob_not_authentic')
      expect(elsewhere.index('holder', 'x').index).not.toEqual(keys.index('holder', 'x').index)
    }
  })

  it('never opens under another key, and never comes twice', () => {
    const context = Buffer.from('context')
    const { blob, keyId } = keys.seal(Buffer.from('secret'), context)
    expect(() => keys.open(blob, 'k000000000000', context)).toThrow()
    expect(keys.open(blob, keyId, context).toString()).toBe('secret')
    const nonces = Array.from({ length: 3000 }, () =>
      keys.seal(Buffer.of(), context).blob.subarray(1, 13).toString('hex'),
    )
    expect(new Set(nonces).size).toBe(3000)
  })
})
