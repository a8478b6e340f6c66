import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asId } from '../../src/contract/ids.ts'
import { parseSdJwt } from '../../src/crypto/parse-sd-jwt.ts'
import { findLicences, findReleasedLicence } from '../../src/licences/licence-store.ts'
import { presentLicence } from '../../src/licences/present-licence.ts'
import { findSigningCertificate } from '../../src/licences/signing-certificate-store.ts'
import { updateStatus } from '../../src/licences/status-store.ts'
import { batchData } from '../../src/stock/batch-view.ts'
import type { Batch } from '../../src/stock/batch.ts'
import { createJobs } from '../../src/stock/jobs.ts'
import { putChunk } from '../../src/stock/put-chunk.ts'
import { defaultBlockLimits } from '../../src/stock/cut-blocks.ts'
import { requestValidation } from '../../src/stock/request-validation.ts'
import { requestResign } from '../../src/stock/request-resign.ts'
import { resumeBatches } from '../../src/stock/work-on-batch.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import { aLine, aPerson, issuer } from './stock-rows.ts'
import {
  base,
  batchIn,
  type Leaf,
  orderRelease,
  released,
  rolledBack,
  steward,
  type StockWorld,
  stockWorld,
  streamOf,
  validated,
} from './stock-world.ts'

const first = steward('social-security', 1)
const second = steward('social-security', 2)
let world: StockWorld
let renewed: Leaf

beforeAll(async () => {
  world = await stockWorld(await testStore())
})
beforeEach(async () => {
  // Each test begins with a certificate of its own, under which nothing is signed yet.
  renewed = await world.certify('social-security')
})

const open = async (by = first): Promise<Batch> => {
  const answer = await inTransaction(world.store, (tx) =>
    requestResign(world.deps, tx, by, { issuerCode: asId(issuer), reason: 'key_compromised' }),
  )
  const { batchId, state } = batchData.parse(answer.data)
  expect(state).toBe('open')
  await inTransaction(world.store, (tx) => requestValidation(world.deps, tx, by, batchId))
  await world.jobs.idle()
  return batchIn(world, batchId)
}

const release = async (batch: Batch): Promise<Batch> => {
  await orderRelease(world, second, batch)
  await world.jobs.idle()
  return batchIn(world, batch.batchId)
}

const licencesOf = async (place: number) => {
  const [found] = await findLicences(world.store.db, world.keys, [
    { holder: aPerson(place), typeCode: '11370299003700010A001' },
  ])
  return found ?? []
}

const inForce = async (place: number) => {
  const [one] = (await licencesOf(place)).filter(({ successorId }) => successorId === null)
  if (one === undefined) throw new Error('no licence in force')
  return one
}

const present = (licenceId: string) =>
  presentLicence(
    {
      base,
      keys: world.keys,
      findReleased: (id) => findReleasedLicence(world.store.db, id),
      findCertificate: (id) => findSigningCertificate(world.store.db, id),
    },
    asId(licenceId),
    ['name'],
  )

const chainOf = (sdJwt: string): unknown => parseSdJwt(sdJwt).jws.header['x5c']

describe('re-signing a department’s stock', () => {
  it('gives every licence in force a new credential under the present certificate, when another person releases it', async () => {
    await released(world, 'social-security', [aLine(1), aLine(2, { status: 'suspended' })])
    const old = await inForce(1)
    renewed = await world.certify('social-security')
    const batch = await open()
    expect(batch).toMatchObject({ state: 'validated', format: 'resign', counts: { valid: 2 } })
    expect((await inForce(1)).licenceId).toBe(old.licenceId)
    await expect(orderRelease(world, first, batch)).rejects.toMatchObject({
      code: 'release_needs_second_person',
    })
    expect(await release(batch)).toMatchObject({ state: 'released' })
    const now = await inForce(1)
    expect(now).toMatchObject({ version: '001', status: 'active', statusAsOf: old.statusAsOf })
    expect(await inForce(2)).toMatchObject({ status: 'suspended' })
    const [leaf] = renewed.chain
    const { sdJwt, fields } = await present(now.licenceId)
    expect(chainOf(sdJwt)).toContain(Buffer.from(leaf ?? []).toString('base64'))
    expect(fields).toEqual({ name: aPerson(1).name })
  })

  it('keeps the old credential as evidence, changed and linked to the new one', async () => {
    await released(world, 'social-security', [aLine(3)])
    const old = await inForce(3)
    const before = await present(old.licenceId)
    await world.certify('social-security')
    await release(await open())
    const [kept] = (await licencesOf(3)).filter(({ licenceId }) => licenceId === old.licenceId)
    expect(kept).toMatchObject({ status: 'changed', successorId: (await inForce(3)).licenceId })
    expect((await present(old.licenceId)).sdJwt).toBe(before.sdJwt)
  })

  it('takes the department’s same push again as nothing new', async () => {
    await released(world, 'social-security', [aLine(4)])
    await world.certify('social-security')
    await release(await open())
    const again = await validated(world, first, issuer, [[aLine(4)]])
    expect(again.counts).toMatchObject({ valid: 0, duplicate: 1 })
  })

  it('loses no status that changes on the way, and brings no ended licence back', async () => {
    await released(world, 'social-security', [aLine(5), aLine(6)])
    const { licenceId } = await inForce(5)
    await world.certify('social-security')
    const batch = await open()
    const signer = world.signers.get(batch.certificateId ?? '')
    if (signer === undefined) throw new Error('no signer')
    const sign: typeof signer.sign = async (bytes) => {
      await updateStatus(world.store.db, licenceId, 'revoked', new Date('2026-11-23T03:00:00Z'))
      return signer.sign(bytes)
    }
    world.signers.set(batch.certificateId ?? '', { ...signer, sign })
    expect(await release(batch)).toMatchObject({ state: 'released' })
    expect(await inForce(5)).toMatchObject({ status: 'revoked', statusSource: 'department' })
    expect(await inForce(6)).toMatchObject({ status: 'active' })
  })

  it('is refused when a licence was replaced or ended after the batch was made', async () => {
    await released(world, 'social-security', [aLine(7)])
    await world.certify('social-security')
    const batch = await open()
    await released(world, 'social-security', [aLine(7, { version: '002' })])
    await expect(orderRelease(world, second, batch)).rejects.toMatchObject({ code: 'batch_state' })
    expect(await inForce(7)).toMatchObject({ version: '002' })
  })

  it('takes nothing that was pushed, and nothing when all is under the present certificate', async () => {
    await released(world, 'social-security', [aLine(8)])
    await release(await open())
    await expect(open()).rejects.toMatchObject({ code: 'precondition_failed' })
    await world.certify('social-security')
    const batch = await open()
    const push = inTransaction(world.store, (tx) =>
      putChunk({ ...world.deps, blockLimits: defaultBlockLimits }, tx, first, {
        batchId: batch.batchId,
        chunk: 1,
        stream: streamOf(`${aLine(9)}\n`),
      }),
    )
    await expect(push).rejects.toMatchObject({ code: 'batch_state' })
    await expect(open(steward('land', 1))).rejects.toMatchObject({ code: 'scope_missing' })
  })

  it('goes on after a restart, with no licence twice', async () => {
    const lines = Array.from({ length: 300 }, (_, at) => aLine(100 + at))
    await released(world, 'social-security', lines)
    await world.certify('social-security')
    const { jobs } = world.deps
    const stopped = createJobs({ onError: () => undefined })
    const deps = { ...world.deps, jobs: stopped }
    const answer = await inTransaction(world.store, (tx) =>
      requestResign(deps, tx, first, { issuerCode: asId(issuer), reason: 'certificate_renewed' }),
    )
    const { batchId, expectedRows } = batchData.parse(answer.data)
    await inTransaction(world.store, (tx) => requestValidation(deps, tx, first, batchId))
    await stopped.stop()
    await resumeBatches(world.deps)
    await jobs.idle()
    const batch = await batchIn(world, batchId)
    expect(batch.counts?.valid).toBe(expectedRows)
    await release(batch)
    for (const place of [100, 250, 399])
      expect((await licencesOf(place)).map(({ status }) => status).sort()).toEqual([
        'active',
        'changed',
      ])
  })

  it('can be rolled back like any batch', async () => {
    await released(world, 'social-security', [aLine(10)])
    const old = await inForce(10)
    await world.certify('social-security')
    const batch = await release(await open())
    await rolledBack(world, 'social-security', batch.batchId)
    expect(await inForce(10)).toMatchObject({ licenceId: old.licenceId, status: 'active' })
  })
})
