import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { listDataQuality, openDataQuality } from '../../src/halls/data-quality-store.ts'
import { listHalls, saveHall } from '../../src/halls/hall-store.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'
import { people } from '../adapters/harness.ts'
import { specWith, typeCode } from './harness.ts'

const store = await testStore()
const keys = testDataKeys()
const now = new Date('2018-11-30T10:00:00+08:00')
const deps = { db: store.db, keys, random: (length: number) => randomBytes(length), now }

it('keeps halls as configuration, in their order, replaced as a whole', async () => {
  await saveHall(store.db, specWith('second'), { position: 2, now })
  await saveHall(store.db, specWith('first', { settings: { version: '1.0' } }), {
    position: 1,
    now,
  })
  await saveHall(store.db, specWith('second', { calendar: { saturdays: true } }), {
    position: 2,
    now,
  })
  const { specs, problems } = await listHalls(store.db)
  expect(problems).toEqual([])
  expect(specs).toEqual([
    specWith('first', { settings: { version: '1.0' } }),
    specWith('second', { calendar: { saturdays: true } }),
  ])
})

it('opens one row a finding and counts it while it is open', async () => {
  const finding = {
    kind: 'stock_gap',
    issuerCode: '11370299003700010A',
    hallId: null,
    typeCode,
    holder: people.nothing,
    caseId: null,
    detail: { materialCode: 'M01' },
  } as const
  await openDataQuality(deps, finding)
  await openDataQuality({ ...deps, now: new Date(now.getTime() + 1_000) }, finding)
  const later = { ...deps, now: new Date(now.getTime() + 2_000) }
  await openDataQuality(later, { ...finding, holder: people.misnamed })
  const rows = await listDataQuality(deps, finding.issuerCode)
  expect(rows).toMatchObject([
    { holder: people.nothing, occurrences: 2 },
    { holder: people.misnamed, occurrences: 1 },
  ])
  expect(await listDataQuality(deps, 'another')).toEqual([])
  const { rows: raw } = await store.pool.query<{ row: string }>(
    'select row_to_json(t)::text as row from hall_data_quality t',
  )
  expect(raw.map(({ row }) => row).join()).not.toContain(people.nothing.id)
})
