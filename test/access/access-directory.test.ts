import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAccessDirectory } from '../../src/access/access-directory.ts'
import { accessCitySchema } from '../../src/access/city.ts'
import { grantsForVersion } from '../../src/access/grant.ts'
import { importAccess } from '../../src/access/import-access.ts'
import { setOperatorSuspended } from '../../src/access/operator-store.ts'
import { createRevisionCache } from '../../src/access/revision-cache.ts'
import { asId } from '../../src/contract/ids.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { saveCatalogue } from '../../src/catalogue/save-catalogue.ts'
import { cityCatalogue } from '../support/city-catalogue.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'

const store = await testStore()
const clerk = asId<never>('c-1')

beforeAll(async () => {
  const city = accessCitySchema.parse({
    organisations: [{ id: 'o', nameZh: '机构', uscc: '113702990037000297', roles: ['C'] }],
    clients: [{ id: 'clerk', kind: 'system', organisation: 'o', roles: ['C'] }],
    operators: [{ id: 'c-1', client: 'clerk', name: '甲', organisation: 'o' }],
    grants: [
      { client: 'clerk', item: 'QD-GA-008', types: ['113702990037000297016'], legalBasis: '法' },
    ],
  })
  const deps = {
    keys: testDataKeys(),
    randomBytes,
    now: new Date('2026-11-23T02:00:00Z'),
    typeCodeOf: (code: string) => code,
    importedBy: asId<never>('init'),
  }
  await inTransaction(store, async (tx) => {
    await saveCatalogue(tx, parseCatalogue(cityCatalogue()), deps.now)
    await importAccess(deps, tx, city)
  })
})

const watched = () => {
  const time = { nowMs: 1_000_000 }
  const directory = createAccessDirectory({ db: store.db, nowMs: () => time.nowMs })
  return { time, directory }
}

const suspend = (at: Date | null) => setOperatorSuspended(store.db, clerk, at)

describe('the directory', () => {
  it('answers from memory within a moment, and a change elsewhere holds within a second', async () => {
    await suspend(null)
    const { time, directory } = watched()
    expect(await directory.operator(clerk)).toMatchObject({ suspended: false })
    await suspend(new Date())
    expect(directory.operator(clerk)).not.toBeInstanceOf(Promise)
    time.nowMs += 600
    expect(await directory.operator(clerk)).toMatchObject({ suspended: true })
  })

  it('reads the revision beside the requests before it is stale', async () => {
    await suspend(null)
    const { time, directory } = watched()
    await directory.operator(clerk)
    await suspend(new Date())
    time.nowMs += 300
    expect(directory.operator(clerk)).toMatchObject({ suspended: false })
    await expect
      .poll(() => Promise.resolve(directory.operator(clerk)))
      .toMatchObject({ suspended: true })
  })

  it('reads again when the clock jumps back', async () => {
    await suspend(null)
    const { time, directory } = watched()
    await directory.operator(clerk)
    await suspend(new Date())
    time.nowMs -= 3_600_000
    expect(await directory.operator(clerk)).toMatchObject({ suspended: true })
  })

  it('knows a grant for every version or for its own', async () => {
    const { directory } = watched()
    const grants = await directory.grants(asId('clerk'), 'QD-GA-008')
    expect(grantsForVersion(grants, 3)).toHaveLength(1)
    const [grant] = grants
    const ofVersion2 = grant === undefined ? [] : [{ ...grant, itemVersion: 2 }]
    expect(grantsForVersion(ofVersion2, 2)).toHaveLength(1)
    expect(grantsForVersion(ofVersion2, 3)).toHaveLength(0)
    expect(await directory.grants(asId('other'), 'QD-GA-008')).toEqual([])
  })

  it('says nothing good when the database cannot be asked', async () => {
    const broken = createAccessDirectory({
      db: store.db.withSchema('no_such_schema'),
      nowMs: () => 0,
    })
    await expect(broken.operator(clerk)).rejects.toThrow()
    await expect(broken.operator(clerk)).rejects.toThrow()
  })
})

describe('a cache of one revision', () => {
  it('asks once for many, remembers that there is nothing, and drops what came too late', async () => {
    let loads = 0
    let answer: (value: string | undefined) => void = () => undefined
    const cache = createRevisionCache<string | undefined>(() => {
      loads++
      return new Promise((resolve) => {
        answer = resolve
      })
    }, 10)
    const both = [cache.get('a'), cache.get('a')]
    answer(undefined)
    for (const each of both) expect(await each).toBeUndefined()
    expect(cache.get('a')).toBeUndefined()
    expect(loads).toBe(1)
    cache.clear()
    const late = cache.get('a')
    cache.clear()
    answer('of the old revision')
    expect(await late).toBe('of the old revision')
    void cache.get('a')
    expect(loads).toBe(3)
  })

  it('forgets failures', async () => {
    let fails = true
    const cache = createRevisionCache(
      () => (fails ? Promise.reject(new Error('down')) : Promise.resolve(1)),
      10,
    )
    await expect(cache.get('a')).rejects.toThrow('down')
    fails = false
    expect(await cache.get('a')).toBe(1)
  })

  it('stays bounded', async () => {
    const cache = createRevisionCache((key) => Promise.resolve(key), 100)
    for (let at = 0; at < 1000; at++) await cache.get(String(at))
    expect(cache.get('999')).toBe('999')
    expect(cache.get('1')).toBeInstanceOf(Promise)
  })
})
