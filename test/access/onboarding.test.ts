import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ClientAuthority } from '../../src/access/onboarding-deps.ts'
import { registerCertificate } from '../../src/access/register-certificate.ts'
import { accessEndpoints } from '../../src/access/routes.ts'
import { listServiceItems } from '../../src/catalogue/catalogue-store.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { publishItem } from '../../src/catalogue/publish-item.ts'
import { saveCatalogue } from '../../src/catalogue/save-catalogue.ts'
import {
  type OutgoingRequest,
  type RequestKey,
  requestKeyOf,
} from '../../src/client/sign-request.ts'
import { asId } from '../../src/contract/ids.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../../src/crypto/json-value.ts'
import { decodeBase64 } from '../../src/crypto/base64url.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { loadFileSigner } from '../../src/crypto/signer.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { issueCertificate, makeRoot } from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { toPem } from '../../src/trust/pem.ts'
import { createRequestVerifier, makeSigningRequest } from '../../src/trust/signing-request.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { eventOf, type HttpWorld, httpWorld, jsonBody } from '../http/http-world.ts'
import { cityCatalogue } from '../support/city-catalogue.ts'
import { testDataKeys } from '../support/data-keys.ts'
import { testStore } from '../support/database.ts'

const now = new Date('2026-11-23T02:00:00Z')
const police = '113702990037000297'
const idCard = '113702990037000297016'
const item = 'QD-GA-008'

const developmentAuthority = async (): Promise<ClientAuthority> => {
  const validity = { notBefore: now, notAfter: new Date('2036-01-01T00:00:00Z') }
  const { key } = generateP256Key()
  const subject = writeName({ commonName: 'root' })
  const issuer = await makeRoot({ subject, key, validity, random: randomBytes })
  return {
    issue: async ({ clientId, spki, validForDays }) => {
      const notAfter = new Date(now.getTime() + validForDays * 86_400_000)
      const der = await issueCertificate({
        issuer,
        profile: 'client',
        subject: writeName({ commonName: clientId }),
        spki,
        uri: `urn:zhengqiao:client:${clientId}`,
        validity: { notBefore: new Date(now.getTime() - 1000), notAfter },
        random: randomBytes,
      })
      return { chain: [der, issuer.certificate] }
    },
  }
}

let world: HttpWorld
let admin: RequestKey
let security: RequestKey
let clerk: RequestKey
let steward: RequestKey
let otherSteward: RequestKey

beforeAll(async () => {
  const store = await testStore()
  const clock = { now: () => now, cityDate: () => '2018-11-30' }
  world = await httpWorld({
    store,
    endpoints: accessEndpoints({
      db: store.db,
      keys: testDataKeys(),
      clock,
      randomBytes,
      keyRules: {
        algorithms: ['ES256', 'SM2-SM3'],
        verifies: createRequestVerifier(openPlainGmCrypto().verifiers.verifyDer),
      },
      authority: await developmentAuthority(),
    }),
  })
  await inTransaction(store, (tx) => saveCatalogue(tx, parseCatalogue(cityCatalogue()), now))
  admin = await world.addClient({ id: 'admin', roles: ['X'], kind: 'person' })
  security = await world.addClient({ id: 'security', roles: ['Y'], kind: 'person' })
  clerk = await world.addClient({ id: 'clerk', roles: ['C'] })
  steward = await world.addClient({ id: 'police', roles: ['S'], kind: 'person', uscc: police })
  otherSteward = await world.addClient({ id: 'land', roles: ['S'], kind: 'person' })
})

let keys = 0
const post = (key: RequestKey, path: string, body?: JsonValue) =>
  world.ask(key, {
    method: 'POST',
    path,
    idempotencyKey: `k${String(++keys)}`,
    ...(body === undefined ? {} : { body: jsonBody(body) }),
  } satisfies Partial<OutgoingRequest> & { path: string })
const get = (key: RequestKey, path: string) => world.ask(key, { path })

const dataOf = (reply: { readonly json: JsonValue }, ...path: readonly string[]): JsonValue =>
  ['data', ...path].reduce<JsonValue>(
    (value, name) => (isJsonObject(value) ? (value[name] ?? null) : null),
    reply.json,
  )

const textOf = (value: JsonValue): string => {
  if (typeof value !== 'string') throw new Error('a text was expected')
  return value
}

const newKey = async () => {
  const { key, privateKeyPem } = generateP256Key()
  const der = await makeSigningRequest(writeName({ commonName: 'x' }), key)
  return { csr: toPem('CERTIFICATE REQUEST', der), privateKeyPem }
}

const requestKeyFrom = (chain: JsonValue, privateKeyPem: string): RequestKey => {
  const [leaf = ''] = textOf(chain).split('-----END CERTIFICATE-----', 1)
  const base64 = leaf.replace('-----BEGIN CERTIFICATE-----', '').replace(/\s/g, '')
  return requestKeyOf(loadFileSigner(privateKeyPem, [decodeBase64(base64)]))
}

const organisation = (id: string, uscc: string, roles: string[]) => ({
  organisationId: id,
  nameZh: `机构 ${id}`,
  uscc,
  roles,
})

describe('a new system', () => {
  it('works after an administrator has entered it and a second person let its certificate be issued', async () => {
    const added = await post(
      admin,
      '/v1/organisations',
      organisation('station', '11370299003700301D', ['C']),
    )
    expect(added.status).toBe(201)
    expect(eventOf(added)).toMatchObject({
      action: 'organisation.add',
      operatorId: 'admin-person',
      operatorAsserted: false,
    })
    const client = {
      clientId: 'clerk-new',
      kind: 'system',
      organisationId: 'station',
      roles: ['C'],
    }
    expect((await post(admin, '/v1/clients', client)).status).toBe(201)
    const { csr, privateKeyPem } = await newKey()
    const requested = await post(admin, '/v1/clients/clerk-new/certificates', { csr })
    expect(requested.status).toBe(202)
    const path = `/v1/clients/clerk-new/certificates/${textOf(dataOf(requested, 'requestId'))}/issue`
    expect(await post(admin, path)).toMatchObject({ status: 412, code: 'precondition_failed' })
    const issued = await post(security, path)
    expect(issued.status).toBe(201)
    expect((await post(security, path)).code).toBe('version_conflict')
    const key = requestKeyFrom(dataOf(issued, 'chain'), privateKeyPem)
    const own = await get(key, '/v1/clients/clerk-new')
    expect(dataOf(own)).toMatchObject({
      clientId: 'clerk-new',
      certificates: [{ daysLeft: 365, warning: 'none', revokedAt: null }],
    })
  })

  it('renews its own certificate with the key that it has', async () => {
    const { csr, privateKeyPem } = await newKey()
    const renewed = await post(clerk, '/v1/clients/clerk/certificates', { csr, validForDays: 20 })
    expect(renewed.status).toBe(201)
    expect(eventOf(renewed)).toMatchObject({ action: 'client.certificate.renew' })
    const key = requestKeyFrom(dataOf(renewed, 'chain'), privateKeyPem)
    const certificates = dataOf(await get(key, '/v1/clients/clerk'), 'certificates')
    expect(
      isJsonArray(certificates) &&
        certificates.map((each) => isJsonObject(each) && each['warning']),
    ).toEqual(['within_30_days', 'within_1_day'])
  })

  it('cannot get a certificate for anybody else, whether there is such a client or not', async () => {
    const { csr } = await newKey()
    for (const target of ['police', 'nobody']) {
      const reply = await post(clerk, `/v1/clients/${target}/certificates`, { csr })
      expect(reply).toMatchObject({ status: 404, code: 'client_not_found' })
    }
    expect((await get(clerk, '/v1/clients/police')).code).toBe('client_not_found')
    expect(dataOf(await get(clerk, '/v1/clients'), 'clients')).toMatchObject([
      { clientId: 'clerk' },
    ])
  })

  it.each([
    ['no PEM', 'abc'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['garbage', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'],
  ])('is refused with a request that is %s', async (_what, csr) => {
    const reply = await post(clerk, '/v1/clients/clerk/certificates', { csr })
    expect(reply.json['errors']).toMatchObject([{ pointer: '/csr' }])
  })

  it('is refused with a request of which it does not hold the key', async () => {
    const { csr } = await newKey()
    const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    der.writeUInt8((der.at(-1) ?? 0) ^ 1, der.length - 1)
    const forged = toPem('CERTIFICATE REQUEST', der)
    expect((await post(clerk, '/v1/clients/clerk/certificates', { csr: forged })).code).toBe(
      'validation_failed',
    )
  })
})

describe('clients', () => {
  it('are entered with sound roles only, and once', async () => {
    await post(
      admin,
      '/v1/organisations',
      organisation('office', '11370299003700299R', ['X', 'Y', 'C']),
    )
    const client = (changes: object) => ({
      clientId: 'c-x',
      kind: 'person',
      organisationId: 'office',
      roles: ['X'],
      operator: { operatorId: 'li', name: '李某' },
      ...changes,
    })
    expect((await post(admin, '/v1/clients', client({ roles: ['X', 'Y'] }))).code).toBe(
      'validation_failed',
    )
    expect((await post(admin, '/v1/clients', client({ roles: ['D'] }))).code).toBe(
      'validation_failed',
    )
    expect((await post(admin, '/v1/clients', client({}))).status).toBe(201)
    expect((await post(admin, '/v1/clients', client({}))).code).toBe('version_conflict')
    const second = client({ clientId: 'c-y', roles: ['Y'] })
    expect(await post(admin, '/v1/clients', second)).toMatchObject({
      status: 422,
      code: 'validation_failed',
    })
    expect((await get(admin, '/v1/clients/c-y')).code).toBe('client_not_found')
    expect(
      (await post(admin, '/v1/clients', client({ clientId: 'c-z', organisationId: 'none' }))).code,
    ).toBe('organisation_not_found')
  })

  it('are stopped by one hand, their own too, and stop at once', async () => {
    const leaver = await world.addClient({ id: 'leaver', roles: ['C'] })
    const revoked = await post(leaver, '/v1/clients/leaver/revoke', { reason: '设备遗失' })
    expect(dataOf(revoked)).toMatchObject({ clientId: 'leaver', suspended: true })
    expect((await get(leaver, '/v1/clients/leaver')).code).toBe('certificate_revoked')
    const other = await world.addClient({ id: 'other', roles: ['C'] })
    expect((await post(other, '/v1/clients/clerk/revoke', { reason: 'x' })).code).toBe(
      'client_not_found',
    )
    expect((await post(security, '/v1/clients/other/revoke', { reason: '违规' })).status).toBe(200)
    expect((await get(other, '/v1/clients/other')).code).toBe('certificate_revoked')
  })

  it('lose one certificate and keep the others', async () => {
    const first = await world.addClient({ id: 'two-keys', roles: ['C'] })
    const { key: second, der } = await world.strangersKey()
    await inTransaction(world.store, (tx) =>
      registerCertificate(tx, { clientId: asId('two-keys'), der, now }),
    )
    const body = { certificateId: first.keyId, reason: '换发' }
    expect((await post(second, '/v1/clients/two-keys/revoke', body)).status).toBe(200)
    expect((await get(first, '/v1/clients/two-keys')).code).toBe('certificate_revoked')
    expect((await get(second, '/v1/clients/two-keys')).status).toBe(200)
    expect((await post(second, '/v1/clients/two-keys/revoke', body)).code).toBe('client_not_found')
  })

  it('lose with a certificate every one that was renewed by it', async () => {
    const stolen = await world.addClient({ id: 'robbed', roles: ['C'] })
    const renew = async (by: RequestKey): Promise<RequestKey> => {
      const { csr, privateKeyPem } = await newKey()
      const renewed = await post(by, '/v1/clients/robbed/certificates', { csr })
      return requestKeyFrom(dataOf(renewed, 'chain'), privateKeyPem)
    }
    const thiefs = await renew(stolen)
    const thiefsNext = await renew(thiefs)
    expect((await get(thiefsNext, '/v1/clients/robbed')).status).toBe(200)
    const body = { certificateId: stolen.keyId, reason: '私钥失窃' }
    const revoked = await post(security, '/v1/clients/robbed/revoke', body)
    expect(dataOf(revoked, 'revoked')).toHaveLength(3)
    for (const key of [stolen, thiefs, thiefsNext])
      expect((await get(key, '/v1/clients/robbed')).code).toBe('certificate_revoked')
  })

  it('lose a renewal and what came of it, and keep the certificate before', async () => {
    const first = await world.addClient({ id: 'careful', roles: ['C'] })
    const { csr, privateKeyPem } = await newKey()
    const renewed = await post(first, '/v1/clients/careful/certificates', { csr })
    const second = requestKeyFrom(dataOf(renewed, 'chain'), privateKeyPem)
    await post(first, '/v1/clients/careful/revoke', { certificateId: second.keyId, reason: 'x' })
    expect((await get(second, '/v1/clients/careful')).code).toBe('certificate_revoked')
    expect((await get(first, '/v1/clients/careful')).status).toBe(200)
  })

  it('are listed in pages', async () => {
    const first = await get(admin, '/v1/clients?limit=2')
    const cursor = dataOf(first, 'nextCursor')
    expect(first.headers.get('link')).toBe(
      `</v1/clients?limit=2&cursor=${textOf(cursor)}>; rel="next"`,
    )
    const second = await get(admin, `/v1/clients?limit=2&cursor=${textOf(cursor)}`)
    expect(dataOf(second, 'clients')).not.toEqual(dataOf(first, 'clients'))
    expect((await get(admin, '/v1/clients?cursor=xx')).code).toBe('bad_cursor')
    expect((await get(admin, '/v1/clients?limit=201')).code).toBe('validation_failed')
  })
})

describe('operators', () => {
  it('are registered by an administrator, suspended by their own system, resumed by the registry', async () => {
    const body = { operatorId: 'w-01', clientId: 'clerk', name: '孙晓琳', window: 'A01' }
    const added = await post(admin, '/v1/operators', body)
    expect(added.status).toBe(201)
    expect(added.text).not.toContain('孙晓琳')
    expect((await post(admin, '/v1/operators', body)).code).toBe('version_conflict')
    expect((await post(clerk, '/v1/operators', { ...body, operatorId: 'w-02' })).code).toBe(
      'scope_missing',
    )
    const suspend = '/v1/operators/w-01/suspend'
    expect(dataOf(await post(clerk, suspend, { reason: '离岗' }))).toMatchObject({
      suspended: true,
    })
    expect((await post(clerk, '/v1/operators/w-01/resume', { reason: 'x' })).code).toBe(
      'scope_missing',
    )
    expect(
      dataOf(await post(security, '/v1/operators/w-01/resume', { reason: '返岗' })),
    ).toMatchObject({
      suspended: false,
    })
    expect(dataOf(await get(clerk, '/v1/operators'), 'operators')).toMatchObject([
      { operatorId: 'w-01' },
    ])
  })

  it('of another system do not exist for a system', async () => {
    const other = await world.addClient({ id: 'curious', roles: ['C'] })
    expect((await get(other, '/v1/operators/w-01')).code).toBe('operator_not_found')
    expect((await post(other, '/v1/operators/w-01/suspend', { reason: 'x' })).code).toBe(
      'operator_not_found',
    )
    expect((await get(other, '/v1/operators?client=clerk')).code).toBe('client_not_found')
  })
})

describe('a grant', () => {
  const wanted = {
    clientId: 'clerk',
    typeCode: idCard,
    itemCode: item,
    legalBasis: '《机动车登记规定》',
  }
  const propose = async (key: RequestKey, changes: object = {}) =>
    post(key, '/v1/grants', { ...wanted, ...changes })
  const directoryOf = () => world.directory.grants(asId('clerk'), item)

  it('holds from the approval of the issuing department on, and ends when either side revokes it', async () => {
    const proposed = await propose(clerk, { fields: ['name'] })
    expect(dataOf(proposed)).toMatchObject({
      status: 'proposed',
      proposedBy: 'clerk',
      fields: ['name'],
    })
    const path = `/v1/grants/${textOf(dataOf(proposed, 'grantId'))}`
    expect(await directoryOf()).toEqual([])
    for (const key of [otherSteward, clerk, admin])
      expect((await post(key, `${path}/approve`)).status).toBeGreaterThanOrEqual(403)
    expect((await post(otherSteward, `${path}/approve`)).code).toBe('grant_not_found')
    expect((await get(otherSteward, path)).code).toBe('grant_not_found')
    const approved = await post(steward, `${path}/approve`)
    expect(dataOf(approved)).toMatchObject({ status: 'active', approvedBy: 'police' })
    expect(eventOf(approved)).toMatchObject({ action: 'grant.approve', itemCode: item })
    expect(await directoryOf()).toMatchObject([{ typeCode: idCard, fields: ['name'] }])
    expect((await post(steward, `${path}/approve`)).code).toBe('version_conflict')
    const revoked = await post(steward, `${path}/revoke`, { reason: '用途不符' })
    expect(dataOf(revoked)).toMatchObject({ status: 'revoked', revokedBy: 'police' })
    expect(await directoryOf()).toEqual([])
    expect((await post(clerk, `${path}/revoke`, { reason: 'x' })).code).toBe('version_conflict')
  })

  it('is never approved by who proposed it', async () => {
    const both = await world.addClient({
      id: 'both',
      roles: ['S', 'X'],
      kind: 'person',
      uscc: '11370299003700053P',
    })
    const land = { typeCode: '11370299003700053P009', itemCode: 'QD-BDC-004' }
    const proposed = await propose(both, land)
    const path = `/v1/grants/${textOf(dataOf(proposed, 'grantId'))}/approve`
    expect(await post(both, path)).toMatchObject({ status: 412, code: 'precondition_failed' })
  })

  it('covers the fields of the day on which it was proposed, whatever the item asks for later', async () => {
    const proposed = await propose(clerk)
    expect(dataOf(proposed, 'fields')).toEqual(['citizenId', 'name', 'validPeriod'])
    const path = `/v1/grants/${textOf(dataOf(proposed, 'grantId'))}`
    await post(steward, `${path}/approve`)
    const [first] = await listServiceItems(world.store.db).then((items) =>
      items.filter(({ code }) => code === item),
    )
    if (first === undefined) throw new Error('no such item')
    const materials = first.materials.map((material) =>
      material.typeCode === idCard
        ? { ...material, fields: [...material.fields, 'domicile'] }
        : material,
    )
    const next = { ...first, version: first.version + 1, materials }
    await inTransaction(world.store, (tx) => publishItem(tx, now, { code: item, item: next }))
    expect(await directoryOf()).toMatchObject([{ fields: ['citizenId', 'name', 'validPeriod'] }])
    expect(dataOf(await propose(clerk), 'fields')).toContain('domicile')
    await post(steward, `${path}/revoke`, { reason: 'x' })
  })

  it('is proposed for oneself only, for what the item needs and the type has', async () => {
    const other = await world.addClient({ id: 'asker', roles: ['C'] })
    expect((await propose(other)).code).toBe('client_not_found')
    expect((await propose(clerk, { itemCode: 'QD-XX-999' })).code).toBe('item_not_found')
    expect((await propose(clerk, { typeCode: '0'.repeat(21) })).code).toBe('type_not_found')
    expect((await propose(clerk, { typeCode: '11370299003700053P009' })).code).toBe(
      'item_does_not_need_type',
    )
    const fields = await propose(clerk, { fields: ['name', 'secret'] })
    expect(fields.json['errors']).toMatchObject([{ pointer: '/fields/1' }])
  })

  it('is refused, and no error, for a version or a place that no column holds', async () => {
    const huge = await propose(clerk, { itemVersion: 2 ** 31 })
    expect(huge).toMatchObject({ status: 422, code: 'validation_failed' })
    const nul = Buffer.from(JSON.stringify(['\0'])).toString('base64url')
    expect(await get(clerk, `/v1/organisations?cursor=${nul}`)).toMatchObject({
      status: 400,
      code: 'bad_cursor',
    })
  })

  it('is seen by the two sides and the registry only', async () => {
    const proposed = await propose(admin)
    const path = `/v1/grants/${textOf(dataOf(proposed, 'grantId'))}`
    for (const key of [clerk, steward, admin, security])
      expect((await get(key, path)).status).toBe(200)
    const other = await world.addClient({ id: 'onlooker', roles: ['C'] })
    for (const key of [other, otherSteward]) {
      expect((await get(key, path)).code).toBe('grant_not_found')
      expect(dataOf(await get(key, '/v1/grants'), 'grants')).toEqual([])
    }
    expect(dataOf(await get(steward, '/v1/grants?limit=1'), 'grants')).toHaveLength(1)
    expect((await get(other, '/v1/grants/none')).code).toBe('grant_not_found')
  })
})
