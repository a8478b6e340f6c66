import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AccessCity, accessCitySchema } from '../../src/access/city.ts'
import { findClient } from '../../src/access/client-store.ts'
import { findActiveGrants } from '../../src/access/grant-store.ts'
import { type ImportAccessDeps, importAccess } from '../../src/access/import-access.ts'
import { findOperator } from '../../src/access/operator-store.ts'
import { actsForIssuer } from '../../src/access/acts-for-issuer.ts'
import { asId } from '../../src/contract/ids.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { saveCatalogue } from '../../src/catalogue/save-catalogue.ts'
import { cityCatalogue } from '../support/city-catalogue.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'

const store = await testStore()
const now = new Date('2026-11-23T02:00:00Z')
const keys = testDataKeys()
const deps: ImportAccessDeps = {
  keys,
  randomBytes,
  now,
  typeCodeOf: (shortCode) => (shortCode === 'GA-SFZ' ? '113702990037000297016' : undefined),
  importedBy: asId('init'),
}

const city = (changes: Record<string, unknown> = {}): AccessCity =>
  accessCitySchema.parse({
    note: 'other members belong to other readers',
    organisations: [
      {
        id: 'traffic',
        nameZh: '交警支队',
        uscc: '113702990037000372',
        roles: ['D', 'S'],
        parent: 'police',
        halls: [],
      },
      { id: 'police', nameZh: '公安局', uscc: '113702990037000297', roles: ['D', 'S'] },
      { id: 'office', nameZh: '办公室', uscc: '11370299003700299R', roles: ['X', 'Y', 'C'] },
    ],
    clients: [
      { id: 'clerk', kind: 'system', organisation: 'office', roles: ['C'] },
      {
        id: 'steward',
        kind: 'person',
        organisation: 'police',
        roles: ['S'],
        operator: 'steward-p',
      },
    ],
    operators: [
      { id: 'c-1', client: 'clerk', name: '孙晓琳', organisation: 'office', window: 'A01' },
      { id: 'c-2', client: 'clerk', name: '停用员', organisation: 'office', suspended: true },
    ],
    stewards: [{ id: 'steward-p', organisation: 'police', name: '甲入库员' }],
    grants: [
      { client: 'clerk', item: 'QD-GA-008', types: ['GA-SFZ'], legalBasis: '《行政许可法》' },
    ],
    ...changes,
  })

beforeAll(() =>
  inTransaction(store, (tx) => saveCatalogue(tx, parseCatalogue(cityCatalogue()), now)),
)

const run = (input: AccessCity) => inTransaction(store, (tx) => importAccess(deps, tx, input))

describe('a city file', () => {
  it('is entered once: offices beneath their parents, people behind keys, grants as active', async () => {
    expect(await run(city())).toEqual({ organisations: 3, clients: 2, operators: 3, grants: 1 })
    expect(await run(city())).toEqual({ organisations: 0, clients: 0, operators: 0, grants: 0 })
    expect(await findClient(store.db, asId('steward'))).toMatchObject({
      kind: 'person',
      operatorId: 'steward-p',
      suspended: false,
    })
    expect(await findOperator(store.db, asId('c-2'))).toMatchObject({
      clientId: 'clerk',
      suspended: true,
    })
    expect(await findActiveGrants(store.db, asId('clerk'), 'QD-GA-008')).toMatchObject([
      {
        typeCode: '113702990037000297016',
        fields: ['citizenId', 'name', 'validPeriod'],
        itemVersion: undefined,
      },
    ])
  })

  it('keeps no name readable in the database', async () => {
    await run(city())
    const { rows } = await store.pool.query<{ row: string }>(
      'select o::text as row from operator o',
    )
    const readable = rows.map(({ row }) => row).join('\n')
    for (const name of ['孙晓琳', '甲入库员'])
      expect(readable).not.toContain(Buffer.from(name).toString('hex'))
    expect(readable).not.toMatch(/\p{Script=Han}/u)
  })

  it.each([
    [
      'a role beyond its organisation',
      { id: 'x', kind: 'system', organisation: 'police', roles: ['C'] },
    ],
    [
      "a person's role for a system",
      { id: 'x', kind: 'system', organisation: 'police', roles: ['S'] },
    ],
    [
      'a person without an operator',
      { id: 'x', kind: 'person', organisation: 'police', roles: ['S'] },
    ],
    [
      'a system with an operator',
      { id: 'x', kind: 'system', organisation: 'police', roles: ['D'], operator: 'p' },
    ],
    [
      'administrator and security officer in one hand',
      { id: 'x', kind: 'person', organisation: 'office', roles: ['X', 'Y'], operator: 'p' },
    ],
  ])('is refused with %s', async (_what, client) => {
    await expect(run(city({ clients: [client], operators: [], grants: [] }))).rejects.toMatchObject(
      {
        code: 'validation_failed',
      },
    )
  })

  it('is refused with administrator and security officer in two keys of one hand', async () => {
    const two = ['X', 'Y'].map((role) => ({
      id: `x-${role}`,
      kind: 'person',
      organisation: 'office',
      roles: [role],
      operator: 'same-person',
    }))
    await expect(run(city({ clients: two, operators: [], grants: [] }))).rejects.toMatchObject({
      code: 'validation_failed',
    })
    expect(await findClient(store.db, asId('x-X'))).toBeUndefined()
  })
})

describe('acting for an issuer', () => {
  it('is for the issuer itself and whoever stands above it', async () => {
    await run(city())
    const acts = (organisation: string, uscc: string) =>
      actsForIssuer(store.db, asId(organisation), uscc)
    expect(await acts('traffic', '113702990037000372')).toBe(true)
    expect(await acts('police', '113702990037000372')).toBe(true)
    expect(await acts('traffic', '113702990037000297')).toBe(false)
    expect(await acts('office', '113702990037000372')).toBe(false)
    expect(await acts('police', '11370299003700000X')).toBe(false)
  })
})
