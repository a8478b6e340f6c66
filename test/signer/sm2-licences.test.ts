import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestSignatures } from '../../src/client/request-signatures.ts'
import { signStandingOrder } from '../../src/client/sign-standing-order.ts'
import { asId, type LicenceId } from '../../src/contract/ids.ts'
import { certificateIdOf } from '../../src/crypto/certificate-id.ts'
import { readCertificateHead } from '../../src/crypto/cms/certificate-head.ts'
import { leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { verifySdJwt } from '../../src/crypto/verify-sd-jwt.ts'
import { findReleasedLicences } from '../../src/licences/licence-store.ts'
import { presentLicence } from '../../src/licences/present-licence.ts'
import { findSigningCertificate } from '../../src/licences/signing-certificate-store.ts'
import { initSignerFolder } from '../../src/signer/signer-folder.ts'
import { type RunningSigner, startSigner } from '../../src/signer/start-signer.ts'
import { readStandingOrder } from '../../src/stock/standing-order.ts'
import type { StockDeps } from '../../src/stock/stock-deps.ts'
import { toPem } from '../../src/trust/pem.ts'
import { testStore } from '../support/database.ts'
import { aLine, issuer } from '../stock/stock-rows.ts'
import {
  batchIn,
  type Leaf,
  orderRelease,
  releaseBodyOf,
  signedRelease,
  steward,
  stockWorld,
  type StockWorld,
  validated,
} from '../stock/stock-world.ts'

const { signatures } = openPlainGmCrypto()
const signed: string[] = []
let world: StockWorld
let dir: string
let signer: RunningSigner
let own: Leaf
let stewardKey: Leaf

beforeAll(async () => {
  const plain = await stockWorld(await testStore(), 'SM2-SM3')
  const deps: StockDeps = {
    ...plain.deps,
    requestSignatures: (_, order, rows, signal) => {
      const seen = (async function* () {
        for await (const row of rows) {
          signed.push(row.signingInput)
          yield row
        }
      })()
      return requestSignatures(signer.url, order, seen, signal)
    },
  }
  world = { ...plain, deps }
  own = await world.certify('social-security', 'http://127.0.0.1:1')
  stewardKey = await world.authority.issue('client', 'urn:zhengqiao:client:steward-2')
  dir = await mkdtemp(join(tmpdir(), 'sm2-signer-'))
  await initSignerFolder(dir, {
    keyPem: own.pem,
    chainPem: own.chain.map((der) => toPem('CERTIFICATE', der)).join(''),
    stewards: [{ name: 'steward-2', der: stewardKey.chain[0] ?? new Uint8Array() }],
  })
  signer = await startSigner({ dir, port: 0, now: () => world.time.now })
})
afterAll(async () => {
  await signer.close()
  await rm(dir, { recursive: true })
})

const leafOf = ({ chain: [leaf] }: Leaf): Uint8Array => leaf ?? new Uint8Array()

const present = async (licenceId: LicenceId, fields: readonly string[]) =>
  presentLicence(
    {
      base: world.deps.base,
      keys: world.keys,
      findReleased: async (id) => (await findReleasedLicences(world.store.db, [id]))[0],
      findCertificate: (id) => findSigningCertificate(world.store.db, id),
    },
    licenceId,
    fields,
  )

describe('a department whose keys are of SM2', () => {
  it('signs what its steward ordered with SM2, and every licence comes back as it was signed', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => aLine(1 + at))
    const batch = await validated(world, steward('social-security', 1), issuer, [rows])
    const order = await signedRelease(stewardKey, batch.batchId, releaseBodyOf(batch))
    await orderRelease(world, steward('social-security', 2), batch, order)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    expect(signed).toHaveLength(20)
    const leaves = signed.map((text) => leafHash(Buffer.from(text), 'sm3'))
    const root = Buffer.from(rootOf(leaves, 'sm3')).toString('base64url')
    expect(releaseBodyOf(batch).root).toBe(root)
    expect(await readFile(join(dir, 'signed.ndjson'), 'utf8')).toContain(root)

    const licences = await world.store.db.selectFrom('licence').select('licence_id').execute()
    const key = { spki: readCertificateHead(leafOf(own)).spki, algs: ['SM2-SM3'] }
    for (const { licence_id } of licences) {
      const { sdJwt, fields } = await present(asId(licence_id), ['number', 'holders'])
      expect(signed).toContain(sdJwt.split('.').slice(0, 2).join('.'))
      const options = { key, at: world.time.now, context: signatures }
      const verified = verifySdJwt(sdJwt, options)
      expect(verified.payload).toMatchObject({ number: fields['number'] })
      expect(verified.header).toMatchObject({ alg: 'SM2-SM3', typ: 'dc+sd-jwt' })
      expect(sdJwt).not.toContain(Buffer.from('"_sd_alg":"sha-256"').toString('base64url'))
    }
  })

  it('fails a batch that somebody else ordered', async () => {
    const rows = [aLine(300)]
    const batch = await validated(world, steward('social-security', 1), issuer, [rows])
    const stranger = await world.authority.issue('client', 'urn:zhengqiao:client:stranger')
    const order = await signedRelease(stranger, batch.batchId, releaseBodyOf(batch))
    await orderRelease(world, steward('social-security', 2), batch, order)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({ failure: 'signer_refused' })
  })

  it('reads a standing order that a steward signed with SM2, and no changed one', async () => {
    const jws = await signStandingOrder(stewardKey.signer, {
      issuer,
      types: ['11370299003700010A001'],
      maxPerDay: 5,
      until: '2027-01-01',
    })
    const certificate = leafOf(stewardKey)
    const order = readStandingOrder(jws, certificate, signatures)
    expect(order).toMatchObject({ perDayMax: 5, stewardId: certificateIdOf(certificate) })
    const changed = `${jws.slice(0, -2)}${jws.endsWith('AA') ? 'BA' : 'AA'}`
    expect(() => readStandingOrder(changed, certificate, signatures)).toThrow()
    expect(() => readStandingOrder(jws, certificate, {})).toThrow('does not verify')
  })
})
