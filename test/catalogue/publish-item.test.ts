import { describe, expect, it } from 'vitest'
import { findServiceItem, insertLicenceType } from '../../src/catalogue/catalogue-store.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { publishItem } from '../../src/catalogue/publish-item.ts'
import { catalogueEndpoints } from '../../src/catalogue/routes.ts'
import { saveCatalogue } from '../../src/catalogue/save-catalogue.ts'
import type { ServiceItem } from '../../src/catalogue/service-item.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { aMaterial, anItem } from '../support/catalogue.ts'
import { cityCatalogue } from '../support/city-catalogue.ts'
import { testStore } from '../support/database.ts'

const store = await testStore()
const now = new Date('2026-11-23T02:00:00Z')
const catalogue = parseCatalogue(cityCatalogue())
for (const type of catalogue.licenceTypes) await insertLicenceType(store.db, type, now)

const publish = (item: ServiceItem, code = item.code) =>
  inTransaction(store, (tx) => publishItem(tx, now, { code, item }))

it('asks for a version that a column can hold', () => {
  const deps = { db: store.db, clock: { now: () => now, cityDate: () => '2018-11-30' } as const }
  const read = catalogueEndpoints(deps).find(({ operationId }) => operationId === 'getItem')
  expect(read?.query?.safeParse({ version: '2147483647' }).success).toBe(true)
  expect(read?.query?.safeParse({ version: '2147483648' }).success).toBe(false)
})

describe('publishItem', () => {
  it('adds the next version and leaves the one before as it was', async () => {
    const first = anItem({ code: 'QD-P-1' })
    const next = anItem({ code: 'QD-P-1', version: 2, nameZh: '新名' })
    expect((await publish(first)).status).toBe(201)
    expect((await publish(next)).status).toBe(201)
    expect(await findServiceItem(store.db, 'QD-P-1', 1)).toEqual(first)
    expect(await findServiceItem(store.db, 'QD-P-1')).toEqual(next)
  })

  it('takes the same version with the same content again, and no other content', async () => {
    const item = anItem({ code: 'QD-P-2' })
    await publish(item)
    expect((await publish(item)).status).toBe(200)
    await expect(publish({ ...item, nameZh: '改名' })).rejects.toMatchObject({
      code: 'version_conflict',
    })
    await expect(publish({ ...item, version: 3 })).rejects.toMatchObject({
      code: 'version_conflict',
    })
  })

  it.each([
    ['source_missing', { materials: [aMaterial({ source: null })] }],
    ['other_materials_forbidden', { materials: [aMaterial({ nameZh: '其他材料' })] }],
    ['validation_failed', { materials: [aMaterial({ fields: ['shoeSize'] })] }],
  ] as const)('refuses with %s and stores nothing', async (code, changes) => {
    await expect(
      publish(anItem({ code: 'QD-P-3', ...changes, materials: [...changes.materials] })),
    ).rejects.toMatchObject({ code })
    expect(await findServiceItem(store.db, 'QD-P-3')).toBeUndefined()
  })

  it('refuses an item under another path', async () => {
    await expect(publish(anItem(), 'QD-OTHER')).rejects.toMatchObject({ code: 'validation_failed' })
  })
})

describe('saveCatalogue', () => {
  it('adds a city once, and refuses other content under a version that stands', async () => {
    const first = await inTransaction(store, (tx) => saveCatalogue(tx, catalogue, now))
    expect(first).toEqual({ typesAdded: 0, itemsAdded: 8 })
    const again = await inTransaction(store, (tx) => saveCatalogue(tx, catalogue, now))
    expect(again).toEqual({ typesAdded: 0, itemsAdded: 0 })
    const [type, ...others] = catalogue.licenceTypes
    if (type === undefined) throw new Error('no types')
    const changed = { ...catalogue, licenceTypes: [{ ...type, nameZh: '别的' }, ...others] }
    await expect(
      inTransaction(store, (tx) => saveCatalogue(tx, changed, now)),
    ).rejects.toMatchObject({ code: 'version_conflict' })
  })
})
