import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signStandingOrder, type StandingOrderTerms } from '../../src/client/sign-standing-order.ts'
import type { Caller } from '../../src/contract/caller.ts'
import { asId } from '../../src/contract/ids.ts'
import { findLicences } from '../../src/licences/licence-store.ts'
import { presentLicence } from '../../src/licences/present-licence.ts'
import { findReleasedLicence } from '../../src/licences/licence-store.ts'
import { findSigningCertificate } from '../../src/licences/signing-certificate-store.ts'
import { changeStatus } from '../../src/stock/change-status.ts'
import { issueBody, issueData, issueLicence } from '../../src/stock/issue-licence.ts'
import { listVersions, versionsData } from '../../src/stock/list-versions.ts'
import {
  endStandingOrder,
  registerStandingOrder,
  standingOrderData,
} from '../../src/stock/register-standing-order.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import { aPerson, aRow, issuer } from './stock-rows.ts'
import {
  base,
  type Leaf,
  memberOf,
  released,
  rolledBack,
  signedRequest,
  steward,
  stockWorld,
  type StockWorld,
} from './stock-world.ts'

const push: Caller = {
  clientId: asId('push-social-security'),
  kind: 'system',
  organisationId: asId('social-security'),
  roles: ['D'],
  certificateId: asId('push'),
  operatorId: undefined,
  operatorAsserted: false,
}
const other: Caller = { ...push, clientId: asId('push-land'), organisationId: asId('land') }
const auditor: Caller = {
  ...push,
  clientId: asId('auditor'),
  organisationId: asId('audit'),
  roles: ['A'],
}

let world: StockWorld
let key: Leaf

beforeAll(async () => {
  world = await stockWorld(await testStore())
  await world.certify('social-security')
  key = await world.authority.issue('client', 'urn:zhengqiao:client:steward')
})

const terms: StandingOrderTerms = {
  issuer,
  types: ['11370299003700010A001'],
  maxPerDay: 1000,
  until: '2026-12-31',
}

const post = async (changes: Partial<StandingOrderTerms> = {}, by = key, as = key) => {
  const jws = await signStandingOrder(by.signer, { ...terms, ...changes })
  const certificateDer = as.chain[0] ?? new Uint8Array()
  return inTransaction(world.store, (tx) =>
    registerStandingOrder(world.deps, tx, steward('social-security', 1), {
      jws,
      signed: { ...signedRequest({}), certificateDer },
    }),
  )
}

const issue = (place: number, changes: Record<string, unknown> = {}, caller = push) =>
  inTransaction(world.store, (tx) =>
    issueLicence(
      world.deps,
      tx,
      caller,
      issueBody.parse(JSON.parse(JSON.stringify(aRow(place, changes)))),
    ),
  )

const found = async (place: number) => {
  const [list] = await findLicences(world.store.db, world.keys, [
    { holder: aPerson(place), typeCode: '11370299003700010A001' },
  ])
  return (list ?? []).map(({ version, status }) => `${version} ${status}`).sort()
}

describe('a standing order', () => {
  it('is kept when its steward posts it under the same key', async () => {
    const answer = await post()
    expect(standingOrderData.parse(answer.data)).toMatchObject({ perDayMax: 1000, revokedAt: null })
  })

  it('is refused under another key, for another department, and beyond 90 days', async () => {
    const stranger = await world.authority.issue('client', 'urn:zhengqiao:client:stranger')
    await expect(post({}, key, stranger)).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(post({ issuer: '11370299003700053P' })).rejects.toMatchObject({
      code: 'scope_missing',
    })
    await expect(post({ until: '2027-03-01' })).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(post({ until: '2026-11-22' })).rejects.toMatchObject({ code: 'validation_failed' })
  })
})

describe('issuing one licence', () => {
  it('is found at once, and the same push again is no new version', async () => {
    const first = await issue(1)
    expect(first.status).toBe(201)
    const { licenceId, keyCustody } = issueData.parse(first.data)
    expect(keyCustody).toBe('gateway')
    expect(await found(1)).toEqual(['001 active'])
    const again = await issue(1)
    expect(again.status).toBe(200)
    expect(issueData.parse(again.data)).toMatchObject({ licenceId, repeated: true })
    expect(await found(1)).toEqual(['001 active'])
  })

  it('has a credential that can be presented', async () => {
    const { licenceId } = issueData.parse((await issue(2)).data)
    const { fields, sdJwt } = await presentLicence(
      {
        base,
        keys: world.keys,
        findReleased: (id) => findReleasedLicence(world.store.db, id),
        findCertificate: (id) => findSigningCertificate(world.store.db, id),
      },
      asId(licenceId),
      ['name'],
    )
    expect(fields).toEqual({ name: aPerson(2).name })
    expect(sdJwt.split('~')).toHaveLength(3)
  })

  it('replaces the version before it, and can be rolled back', async () => {
    await issue(3)
    const second = await issue(3, { version: '002' })
    expect(await found(3)).toEqual(['001 changed', '002 active'])
    await expect(issue(3, { trustLevel: 'B' })).rejects.toMatchObject({ code: 'version_conflict' })
    await rolledBack(world, 'social-security', memberOf(second, 'batchId'))
    expect(await found(3)).toEqual(['001 active'])
  })

  it('replaces what a batch loaded', async () => {
    await released(world, 'social-security', [JSON.stringify(aRow(4))])
    await issue(4, { version: '002' })
    expect(await found(4)).toEqual(['001 changed', '002 active'])
  })

  it('needs a standing order that covers the type, and no more a day than it says', async () => {
    const alone = await stockWorld(await testStore())
    await alone.certify('social-security')
    const issueThere = (place: number) =>
      inTransaction(alone.store, (tx) =>
        issueLicence(alone.deps, tx, push, issueBody.parse(aRow(place))),
      )
    await expect(issueThere(1)).rejects.toMatchObject({ code: 'precondition_failed' })
    const jws = await signStandingOrder(key.signer, { ...terms, maxPerDay: 2 })
    const answer = await inTransaction(alone.store, (tx) =>
      registerStandingOrder(alone.deps, tx, steward('social-security', 1), {
        jws,
        signed: { ...signedRequest({}), certificateDer: key.chain[0] ?? new Uint8Array() },
      }),
    )
    await issueThere(1)
    await issueThere(2)
    await expect(issueThere(3)).rejects.toMatchObject({ code: 'rate_limited' })
    const orderId = memberOf(answer, 'orderId')
    await expect(
      inTransaction(alone.store, (tx) =>
        endStandingOrder(alone.deps, tx, steward('land', 1), orderId),
      ),
    ).rejects.toMatchObject({ code: 'precondition_failed' })
    await inTransaction(alone.store, (tx) =>
      endStandingOrder(alone.deps, tx, steward('social-security', 2), orderId),
    )
    await expect(issueThere(4)).rejects.toMatchObject({ code: 'precondition_failed' })
  })

  it('under an order of a steward who has been stopped is not done', async () => {
    const stopped = { ...world.deps, isStewardGood: async () => false }
    const body = issueBody.parse(JSON.parse(JSON.stringify(aRow(50))))
    await expect(
      inTransaction(world.store, (tx) => issueLicence(stopped, tx, push, body)),
    ).rejects.toMatchObject({ code: 'precondition_failed' })
    expect(await found(50)).toEqual([])
    expect((await issue(50)).status).toBe(201)
  })

  it('refuses what a load would keep out, with code and place, and writes nothing', async () => {
    const holder = { ...aPerson(5), id: '370299198001010010' }
    await expect(issue(5, { holders: [holder] })).rejects.toMatchObject({
      code: 'id_checksum',
      errors: [{ pointer: '/holders/0/id', code: 'id_checksum' }],
    })
    const { licenceId } = aRow(5)
    const wrongCheck = `${licenceId.slice(0, -1)}${licenceId.endsWith('0') ? '1' : '0'}`
    await expect(issue(5, { licenceId: wrongCheck })).rejects.toMatchObject({
      code: 'identifier_check',
    })
    await expect(issue(5, { holders: [{ ...aPerson(5), age: 1 }] })).rejects.toMatchObject({
      code: 'unknown_field',
      errors: [{ pointer: '/holders/0/age' }],
    })
    await expect(issue(5, { surface: undefined })).rejects.toMatchObject({
      errors: [{ pointer: '/surface', code: 'member_missing' }],
    })
    await expect(issue(5, { issuedAt: '2099-01-01' })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/issuedAt', code: 'issued_in_future' }],
    })
    await issue(6)
    await expect(issue(7, { number: 'T00000006' })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/number', code: 'number_conflict' }],
    })
    await expect(issue(8, {}, other)).rejects.toMatchObject({ code: 'scope_missing' })
    expect([await found(5), await found(7), await found(8)]).toEqual([[], [], []])
  })
})

describe('the status of a licence', () => {
  let licenceId: string
  beforeEach(async () => {
    place += 1
    licenceId = memberOf(await issue(place), 'licenceId')
  })
  let place = 100

  const change = (
    status: 'active' | 'suspended' | 'revoked',
    caller = push,
    id = licenceId,
    effectiveAt = '2026-11-23T09:00:00+08:00',
  ) =>
    inTransaction(world.store, (tx) =>
      changeStatus(world.deps, tx, caller, {
        licenceId: id,
        body: {
          status,
          reason: '张三举报',
          effectiveAt,
          documentNo: '青社罚〔2026〕1号',
        },
      }),
    )

  it('is changed by its department, and shows at once', async () => {
    expect((await change('suspended')).data).toMatchObject({
      status: 'suspended',
      previousStatus: 'active',
    })
    expect(await found(place)).toEqual(['001 suspended'])
    await change('active')
    expect(await found(place)).toEqual(['001 active'])
  })

  it('is filed with the number of the decision, not with the reason', async () => {
    const { deed } = await change('revoked')
    expect(deed).toMatchObject({
      action: 'licence.status',
      licences: [{ licenceId, status: 'revoked' }],
      detail: { documentNo: '青社罚〔2026〕1号', previousStatus: 'active' },
    })
    expect(JSON.stringify(deed)).not.toContain('张三')
  })

  it('is out of reach for others, and of an old version', async () => {
    await expect(change('revoked', other)).rejects.toMatchObject({ code: 'licence_not_found' })
    await expect(change('revoked', push, 'x')).rejects.toMatchObject({ code: 'licence_not_found' })
    await issue(place, { version: '002' })
    await expect(change('revoked')).rejects.toMatchObject({ code: 'version_conflict' })
  })

  it('cannot be changed ahead of time', async () => {
    await expect(change('revoked', push, licenceId, '2026-12-23T09:00:00Z')).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/effectiveAt' }],
    })
    expect(await found(place)).toEqual(['001 active'])
  })

  it('shows in the list of versions, for the department and auditors only', async () => {
    const second = memberOf(await issue(place, { version: '002' }), 'licenceId')
    const list = async (caller: Caller) =>
      versionsData.parse((await listVersions(world.deps, world.store.db, caller, licenceId)).data)
    const { versions } = await list(push)
    expect(versions).toMatchObject([
      { licenceId, version: '001', status: 'changed', state: 'changed', successorId: second },
      { licenceId: second, version: '002', status: 'active', state: 'active', successorId: null },
    ])
    expect(await list(auditor)).toEqual({ versions })
    await expect(list(other)).rejects.toMatchObject({ code: 'licence_not_found' })
  })
})
