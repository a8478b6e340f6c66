import { createHash, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { asId, type LicenceId } from '../../src/contract/ids.ts'
import { verifySdJwt } from '../../src/crypto/verify-sd-jwt.ts'
import { readBatchLicences } from '../../src/licences/batch-licence-store.ts'
import { findReleasedLicence } from '../../src/licences/licence-store.ts'
import { makeLicence } from '../../src/licences/new-licence.ts'
import {
  numberTailOf,
  presentLicence,
  type PresentDeps,
} from '../../src/licences/present-licence.ts'
import { openSecretPart } from '../../src/licences/secret-part.ts'
import { assembleCredential } from '../../src/licences/assemble-credential.ts'
import { credentialIssuerOf } from '../../src/licences/signing-certificate.ts'
import { findSigningCertificate } from '../../src/licences/signing-certificate-store.ts'
import { testStore } from '../support/database.ts'
import { aLine, aPerson, aRow } from './stock-rows.ts'
import { base, released, stockWorld, type StockWorld } from './stock-world.ts'

let world: StockWorld
let deps: PresentDeps
let licenceId: LicenceId
let certificate: X509Certificate
let keyPem: string

beforeAll(async () => {
  world = await stockWorld(await testStore())
  const leaf = await world.certify('social-security')
  keyPem = leaf.pem
  certificate = new X509Certificate(leaf.chain[0] ?? new Uint8Array())
  const batch = await released(world, 'social-security', [aLine(1), aLine(2)])
  const range = { batchId: batch.batchId, first: '', last: '', ...batch.range }
  const [licence] = await readBatchLicences(world.store.db, range, null, 1)
  licenceId = asId(licence?.claims.licenceId ?? '')
  deps = {
    base,
    keys: world.keys,
    findReleased: (id) => findReleasedLicence(world.store.db, id),
    findCertificate: (id) => findSigningCertificate(world.store.db, id),
  }
})

const foreign = () =>
  new SDJwtInstance({
    hasher: (data: string | ArrayBuffer, alg: string) =>
      createHash(alg.replace('-', ''))
        .update(Buffer.from(data as string))
        .digest(),
    saltGenerator: () => randomBytes(16).toString('base64url'),
    signAlg: 'ES256',
    signer: (data: string) =>
      sign('sha256', Buffer.from(data), { key: keyPem, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      ),
    verifier: (data: string, signature: string) =>
      verify(
        'sha256',
        Buffer.from(data),
        { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
  })

const ownKey = () => ({
  spki: certificate.publicKey.export({ type: 'spki', format: 'der' }),
  algs: ['ES256'],
})
const verifyOurs = (sdJwt: string) =>
  verifySdJwt(sdJwt, { key: ownKey(), at: new Date('2026-11-23T02:00:00Z') })

describe('a licence credential', () => {
  it('discloses exactly the chosen claims, and @sd-jwt/core verifies it', async () => {
    const { sdJwt, fields, keyCustody } = await presentLicence(deps, licenceId, ['name', 'number'])
    expect(fields).toEqual({ name: aPerson(1).name, number: 'T00000001' })
    expect(keyCustody).toBe('gateway')
    const { payload, header } = await foreign().verify(sdJwt)
    expect(header).toMatchObject({ alg: 'ES256', typ: 'dc+sd-jwt' })
    expect(payload).toEqual({
      iss: `${base}/issuers/11370299003700010A`,
      iat: 1_795_399_200,
      vct: `${base}/vct/11370299003700010A001/1`,
      licenceId,
      typeCode: '11370299003700010A001',
      version: '001',
      issuedAt: '2018-01-02',
      validFrom: '2018-01-02',
      validTo: '2028-01-02',
      trustLevel: 'A',
      ...fields,
    })
    expect(verifyOurs(sdJwt).payload).toEqual(payload)
  })

  it('discloses every claim when all are chosen, and nothing of a person when none is', async () => {
    const { surface } = aRow(1)
    const names = ['identifier', 'number', 'holders', ...Object.keys(surface)]
    const whole = await presentLicence(deps, licenceId, names)
    expect(whole.fields).toEqual({
      identifier: aRow(1).licenceId,
      number: 'T00000001',
      holders: [aPerson(1)],
      ...surface,
    })
    expect((await foreign().verify(whole.sdJwt)).payload).toMatchObject(whole.fields)
    const bare = await presentLicence(deps, licenceId, [])
    expect(bare.fields).toEqual({})
    const text = Buffer.from(bare.sdJwt.split('.')[1] ?? '', 'base64url').toString()
    for (const secret of [aPerson(1).id, aPerson(1).name, 'T00000001', '青岛']) {
      expect(text).not.toContain(secret)
    }
    await foreign().verify(bare.sdJwt)
  })

  it('shows the end of a licence’s number, no more', async () => {
    expect(await numberTailOf(deps, licenceId)).toBe('0001')
  })

  it('fails when one bit of header, payload, signature or a disclosure is changed', async () => {
    const { sdJwt } = await presentLicence(deps, licenceId, ['name', 'citizenId', 'holders'])
    verifyOurs(sdJwt)
    const parts = sdJwt.split(/(?<=[.~])/)
    expect(parts).toHaveLength(6)
    for (const [at, part] of parts.entries()) {
      const bytes = Buffer.from(part.slice(0, -1), 'base64url')
      for (let bit = 0; bit < bytes.length * 8; bit += 37) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const text = changed.toString('base64url') + part.slice(-1)
        const tampered = [...parts.slice(0, at), text, ...parts.slice(at + 1)].join('')
        expect(() => verifyOurs(tampered), `part ${String(at)} bit ${String(bit)}`).toThrow()
      }
    }
  })

  it('comes back byte for byte as it was fixed and signed', async () => {
    const stored = await findSigningCertificate(
      world.store.db,
      (await findReleasedLicence(world.store.db, licenceId))?.certificateId ?? '',
    )
    if (stored === undefined) throw new Error('no certificate')
    const issuer = credentialIssuerOf(base, stored)
    const { licence, credential } = makeLicence(
      { keys: world.keys, random: randomBytes, issuer },
      {
        claims: {
          licenceId,
          typeCode: '11370299003700010A001',
          catalogueVersion: 1,
          version: '001',
          issuerCode: '11370299003700010A',
          iat: 1_795_399_200,
          issuedAt: '2018-01-02',
          validFrom: '2018-01-02',
          validTo: null,
          trustLevel: 'A',
        },
        content: {
          identifier: 'x',
          number: '"\\/\u2028é',
          holders: [{ ...aPerson(1), kind: 'person', name: '𬭸 "quoted"' }],
          surface: { amount: 1e21, small: 0.1, text: 'a\tb', list: [1, { b: 1, a: 2 }] },
        },
        batchId: '0190b8f0-0000-7000-8000-000000000001',
        chunk: 1,
        line: 1,
        certificateId: stored.certificateId,
        areaCode: null,
        status: 'active',
        sourceStatus: null,
        statusAsOf: new Date(),
        statusSource: 'stock',
        legacyAlias: 'alias',
      },
    )
    const row = { licenceId, version: '001', certificateId: stored.certificateId }
    const part = openSecretPart(world.keys, row, licence)
    expect(assembleCredential(issuer, licence.claims, part.disclosures)).toEqual(credential)
    expect(part.legacyAlias).toBe('alias')
  })

  it('opens its disclosures in its own row only', async () => {
    const stored = await findReleasedLicence(world.store.db, licenceId)
    if (stored === undefined) throw new Error('no licence')
    const row = { licenceId, version: '001', certificateId: stored.certificateId }
    openSecretPart(world.keys, row, stored)
    for (const other of [
      { ...row, licenceId: '0190b8f0-0000-7000-8000-000000000009' },
      { ...row, version: '002' },
      { ...row, certificateId: 'other' },
    ]) {
      expect(() => openSecretPart(world.keys, other, stored)).toThrow()
    }
  })

  it('says only "not found" of a licence that is not released', async () => {
    await expect(
      presentLicence(deps, asId('0190b8f0-0000-7000-8000-000000000009'), []),
    ).rejects.toMatchObject({ code: 'licence_not_found' })
  })
})

describe('credentials of other software', () => {
  it('are verified by us when @sd-jwt/core issued them', async () => {
    const issued = await foreign().issue(
      { iss: `${base}/issuers/x`, iat: 1_795_399_200, vct: 'v', name: '甲', number: '1' },
      { _sd: ['name', 'number'] },
      { header: { typ: 'dc+sd-jwt' } },
    )
    expect(verifyOurs(issued).payload).toMatchObject({ name: '甲', number: '1' })
    expect(() => verifyOurs(issued.replace('~', 'A~'))).toThrow()
  })
})
