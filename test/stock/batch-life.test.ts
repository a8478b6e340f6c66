import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { insertClient } from '../../src/access/client-store.ts'
import { asId } from '../../src/contract/ids.ts'
import { findLicences } from '../../src/licences/licence-store.ts'
import { updateStatus } from '../../src/licences/status-store.ts'
import { createJobs } from '../../src/stock/jobs.ts'
import { defaultBlockLimits } from '../../src/stock/cut-blocks.ts'
import { putChunk } from '../../src/stock/put-chunk.ts'
import { releaseBatch } from '../../src/stock/release-batch.ts'
import { requestRelease } from '../../src/stock/request-release.ts'
import { requestValidation } from '../../src/stock/request-validation.ts'
import { rollBackBatch } from '../../src/stock/roll-back-batch.ts'
import { resumeBatches } from '../../src/stock/work-on-batch.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import { aLine, aPerson, issuer } from './stock-rows.ts'
import {
  batchIn,
  findingsOf,
  memberOf,
  orderRelease,
  pushBatch,
  released,
  releaseBodyOf,
  rolledBack,
  signedRequest,
  steward,
  type StockWorld,
  stockWorld,
  streamOf,
  validated,
} from './stock-world.ts'

const first = steward('social-security', 1)
const second = steward('social-security', 2)
const stranger = steward('land', 1)

let world: StockWorld

beforeAll(async () => {
  world = await stockWorld(await testStore())
  await world.certify('social-security')
  await world.certify('police-traffic')
})

const put = (batchId: string, chunk: number, text: string, caller = first) =>
  inTransaction(world.store, (tx) =>
    putChunk({ ...world.deps, blockLimits: defaultBlockLimits }, tx, caller, {
      batchId,
      chunk,
      stream: streamOf(text),
    }),
  )

const validate = (batchId: string, caller = first) =>
  inTransaction(world.store, (tx) => requestValidation(world.deps, tx, caller, batchId))

const licencesOf = async (place: number) => {
  const holder = aPerson(place)
  const [found] = await findLicences(world.store.db, world.keys, [
    { holder, typeCode: '11370299003700010A001' },
  ])
  return found ?? []
}

describe('pushing chunks', () => {
  it('takes the same bytes again as done, and other bytes instead while the batch is open', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(1)]])
    expect(await put(batchId, 1, `${aLine(1)}\n`)).toMatchObject({
      status: 200,
      data: { repeated: true },
    })
    expect(await put(batchId, 1, `${aLine(2)}\n`)).toMatchObject({
      status: 200,
      data: { repeated: false, rowCount: 1 },
    })
    await validate(batchId)
    await world.jobs.idle()
    expect(await batchIn(world, batchId)).toMatchObject({ counts: { valid: 1, quarantined: 0 } })
    expect(await put(batchId, 1, `${aLine(2)}\n`)).toMatchObject({ data: { repeated: true } })
    await expect(put(batchId, 1, `${aLine(3)}\n`)).rejects.toMatchObject({ code: 'batch_state' })
  })

  it('counts lines, not blank ones, whatever ends them', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(1), '', aLine(2)]])
    const answer = await put(batchId, 1, `\ufeff${aLine(4)}\r\n\r\n${aLine(5)}`)
    expect(answer).toMatchObject({ data: { rowCount: 2 } })
  })

  it('refuses chunk numbers outside the batch and lines that are no rows, whole', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(1)]])
    await expect(put(batchId, 2, aLine(1))).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(put(batchId, 0, aLine(1))).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(put(batchId, 1, `${aLine(1)}\n${'x'.repeat(300_000)}`)).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/lines/2', code: 'line_too_long' }],
    })
    const limits = { ...defaultBlockLimits, chunkBytesMax: 1000 }
    await expect(
      inTransaction(world.store, (tx) =>
        putChunk({ ...world.deps, blockLimits: limits }, tx, first, {
          batchId,
          chunk: 1,
          stream: streamOf(aLine(1).repeat(3)),
        }),
      ),
    ).rejects.toMatchObject({ code: 'chunk_too_large' })
    await validate(batchId)
    await world.jobs.idle()
    expect(await batchIn(world, batchId)).toMatchObject({ counts: { valid: 1 } })
  })

  it('is closed to other departments, as if the batch were not there', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(1)]])
    const refusal = { code: 'batch_not_found' }
    await expect(put(batchId, 1, aLine(1), stranger)).rejects.toMatchObject(refusal)
    await expect(validate(batchId, stranger)).rejects.toMatchObject(refusal)
    await expect(validate('not-a-batch')).rejects.toMatchObject(refusal)
  })

  it('lets a parent’s steward act for the office beneath, not the other way round', async () => {
    const office = '113702990037000372'
    await pushBatch(world, steward('police', 1), office, [['{}']])
    await expect(
      pushBatch(world, steward('police-traffic', 1), '113702990037000297', [['{}']]),
    ).rejects.toMatchObject({ code: 'scope_missing' })
  })
})

describe('validation', () => {
  it('waits until everything that was announced has come', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(1)], [aLine(2)]])
    await put(batchId, 2, '\n')
    await expect(validate(batchId)).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/expectedRows' }],
    })
  })

  it('fails a batch without any row to load, which can then be pushed again', async () => {
    const batch = await validated(world, first, issuer, [['{']])
    expect(batch).toMatchObject({ state: 'failed', failure: 'no_valid_rows' })
    await put(batch.batchId, 1, aLine(7))
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'open', failure: null })
    await validate(batch.batchId)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({
      state: 'validated',
      counts: { valid: 1, quarantined: 0 },
    })
    expect(await findingsOf(world, batch)).toEqual([])
  })

  it('goes on after a restart from the last page, with no row twice and none lost', async () => {
    const lines = Array.from({ length: 400 }, (_, at) => aLine(at + 100))
    const batchId = await pushBatch(world, first, issuer, [lines])
    const stopped = createJobs({ onError: () => undefined })
    const dying = { ...world.deps, jobs: stopped }
    await inTransaction(world.store, (tx) => requestValidation(dying, tx, first, batchId))
    const pages = async () => (await batchIn(world, batchId)).progress?.page ?? 0
    while ((await pages()) < 1) await new Promise((resolve) => setTimeout(resolve, 5))
    await stopped.stop()
    const before = await batchIn(world, batchId)
    expect(before.state).toBe('validating')
    expect(await resumeBatches(world.deps)).toBe(1)
    await world.jobs.idle()
    const batch = await batchIn(world, batchId)
    expect(batch).toMatchObject({ state: 'validated', counts: { valid: 400, quarantined: 0 } })
    const { rows } = await world.store.pool.query<{ line: number }>(
      'select line from licence where batch_id = $1 order by licence_id',
      [batchId],
    )
    expect(rows.map(({ line }) => line)).toEqual(lines.map((_, at) => at + 1))
  })
})

describe('release', () => {
  it('needs a person who had no hand in the batch, and the root and rows that were validated', async () => {
    const batch = await validated(world, first, issuer, [[aLine(20)]])
    await expect(orderRelease(world, first, batch)).rejects.toMatchObject({
      code: 'release_needs_second_person',
    })
    const renewed = { ...first, certificateId: asId<typeof first.certificateId>('renewed') }
    await expect(orderRelease(world, renewed, batch)).rejects.toMatchObject({
      code: 'release_needs_second_person',
    })
    const machine = { ...second, kind: 'system' as const }
    await expect(orderRelease(world, machine, batch)).rejects.toMatchObject({
      code: 'release_needs_second_person',
    })
    const body = { ...releaseBodyOf(batch), rows: 2 }
    await expect(
      inTransaction(world.store, (tx) =>
        requestRelease(world.deps, tx, second, {
          batchId: batch.batchId,
          body,
          signed: signedRequest(body),
        }),
      ),
    ).rejects.toMatchObject({ code: 'precondition_failed' })
    const answer = await orderRelease(world, second, batch)
    expect(memberOf(answer, 'state')).toBe('releasing')
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    expect(await licencesOf(20)).toHaveLength(1)
  })

  it('needs another person, not only another key of the same one', async () => {
    const { store } = world
    for (const { clientId } of [first, second]) {
      await insertClient(
        store.db,
        {
          clientId,
          kind: 'person',
          organisationId: asId('social-security'),
          roles: ['S'],
          operatorId: asId('one-person'),
        },
        world.time.now,
      )
    }
    const batch = await validated(world, first, issuer, [[aLine(26)]])
    const samePerson = { ...second, operatorId: asId<never>('one-person') }
    await expect(orderRelease(world, samePerson, batch)).rejects.toMatchObject({
      code: 'release_needs_second_person',
    })
    expect((await orderRelease(world, second, batch)).status).toBe(202)
    await world.jobs.idle()
  })

  it('is refused while the batch is not validated, and once it is released', async () => {
    const batchId = await pushBatch(world, first, issuer, [[aLine(21)]])
    const open = await batchIn(world, batchId)
    await expect(orderRelease(world, second, open)).rejects.toMatchObject({ code: 'batch_state' })
    const done = await released(world, 'social-security', [aLine(22)])
    await expect(orderRelease(world, second, done)).rejects.toMatchObject({ code: 'batch_state' })
  })

  it('is refused with less than 90 days of certificate left', async () => {
    const soon = new Date(world.time.now.getTime() + 89 * 86_400_000)
    const other = await stockWorld(await testStore())
    await other.certify('social-security', null, soon)
    const batch = await validated(other, first, issuer, [[aLine(1)]])
    await expect(orderRelease(other, second, batch)).rejects.toMatchObject({
      code: 'precondition_failed',
    })
  })

  it('fails when what is stored is not what was validated', async () => {
    const batch = await validated(world, first, issuer, [[aLine(23), aLine(24)]])
    await world.store.pool.query(
      `update licence set valid_to = '2099-01-01' where batch_id = $1 and line = 2`,
      [batch.batchId],
    )
    await orderRelease(world, second, batch)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({
      state: 'failed',
      failure: 'root_changed',
    })
    expect(await licencesOf(23)).toEqual([])
  })

  it('goes on after a restart, and nothing shows before it ends', async () => {
    const lines = Array.from({ length: 600 }, (_, at) => aLine(at + 400))
    const batch = await validated(world, first, issuer, [lines])
    const stopped = createJobs({ onError: () => undefined })
    const dying = { ...world.deps, jobs: stopped }
    const body = releaseBodyOf(batch)
    await inTransaction(world.store, (tx) =>
      requestRelease(dying, tx, second, {
        batchId: batch.batchId,
        body,
        signed: signedRequest(body),
      }),
    )
    const signed = async () => (await batchIn(world, batch.batchId)).progress?.frontier.size ?? 0
    while ((await signed()) < 500) await new Promise((resolve) => setTimeout(resolve, 2))
    await stopped.stop()
    expect(await licencesOf(400)).toEqual([])
    await resumeBatches(world.deps)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    expect(await licencesOf(400)).toHaveLength(1)
    expect(await licencesOf(999)).toHaveLength(1)
  })
})

describe('versions and rollback', () => {
  it('ends the older version, and brings it back when the batch is rolled back', async () => {
    await released(world, 'social-security', [aLine(30)])
    const next = await released(world, 'social-security', [aLine(30, { version: '002' })])
    const after = await licencesOf(30)
    expect(after.map(({ version, status }) => [version, status]).sort()).toEqual([
      ['001', 'changed'],
      ['002', 'active'],
    ])
    expect(after.find(({ version }) => version === '001')?.successorId).toBe(
      after.find(({ version }) => version === '002')?.licenceId,
    )
    expect(await rolledBack(world, 'social-security', next.batchId)).toMatchObject({
      state: 'rolled_back',
    })
    expect(await licencesOf(30)).toMatchObject([
      { version: '001', status: 'active', successorId: null },
    ])
  })

  it('leaves the newest version in force when one in the middle is rolled back', async () => {
    await released(world, 'social-security', [aLine(31)])
    const middle = await released(world, 'social-security', [aLine(31, { version: '002' })])
    const last = await released(world, 'social-security', [aLine(31, { version: '003' })])
    await rolledBack(world, 'social-security', middle.batchId)
    const statuses = async () =>
      (await licencesOf(31)).map(({ version, status }) => `${version} ${status}`).sort()
    expect(await statuses()).toEqual(['001 changed', '003 active'])
    await rolledBack(world, 'social-security', last.batchId)
    expect(await statuses()).toEqual(['001 active'])
  })

  it('takes the same push again as nothing new', async () => {
    await released(world, 'social-security', [aLine(32)])
    const again = await validated(world, first, issuer, [[aLine(32), aLine(33)]])
    expect(again.counts).toMatchObject({ valid: 1, duplicate: 1 })
    expect(await findingsOf(world, again)).toMatchObject([
      { line: 1, finding: { class: 'duplicate', rule: 'already_in_stock' } },
    ])
  })

  it('replaces a licence that is pushed again with another content', async () => {
    await released(world, 'social-security', [aLine(34)])
    await released(world, 'social-security', [aLine(34, { status: 'revoked' })])
    expect(
      (await licencesOf(34))
        .map(({ status, successorId }) => [status, successorId === null])
        .sort(),
    ).toEqual([
      ['changed', false],
      ['revoked', true],
    ])
  })

  it('stops a batch that would end more than one in a hundred of what is in force', async () => {
    const other = await stockWorld(await testStore())
    await other.certify('social-security')
    await released(other, 'social-security', filler(1, 100))
    const ending = [1, 2].map((place) => aLine(place, { status: 'revoked' }))
    const batch = await validated(other, first, issuer, [ending])
    await expect(orderRelease(other, second, batch)).rejects.toMatchObject({ code: 'drop_guard' })
    const one = await validated(other, first, issuer, [ending.slice(1)])
    expect((await orderRelease(other, second, one)).status).toBe(202)
    await other.jobs.idle()
  })

  it('stops a batch that ends what is in force by a new version that is revoked', async () => {
    const other = await stockWorld(await testStore())
    await other.certify('social-security')
    await released(other, 'social-security', filler(1, 100))
    const ending = [1, 2].map((place) => aLine(place, { version: '002', status: 'revoked' }))
    const batch = await validated(other, first, issuer, [ending])
    await expect(orderRelease(other, second, batch)).rejects.toMatchObject({ code: 'drop_guard' })
  })

  it('counts many small batches in a row as one', async () => {
    const other = await stockWorld(await testStore())
    await other.certify('social-security')
    await released(other, 'social-security', filler(1, 100))
    await released(other, 'social-security', [aLine(1, { version: '002', status: 'revoked' })])
    const more = await validated(other, first, issuer, [[aLine(2, { status: 'revoked' })]])
    await expect(orderRelease(other, second, more)).rejects.toMatchObject({ code: 'drop_guard' })
    other.time.now = new Date(other.time.now.getTime() + 24 * 3_600_000 + 1)
    await expect(orderRelease(other, second, more)).rejects.toMatchObject({ code: 'drop_guard' })
    await released(other, 'social-security', filler(101, 1))
    expect((await orderRelease(other, second, more)).status).toBe(202)
    await other.jobs.idle()
  })

  it.each([
    ['have ended already', { validTo: '2018-11-29' }],
    ['have not begun', { validFrom: '2018-12-01' }],
  ])('stops a batch of active versions that %s', async (_what, dates) => {
    const other = await stockWorld(await testStore())
    await other.certify('social-security')
    await released(other, 'social-security', filler(1, 100))
    const ending = [1, 2].map((place) => aLine(place, { version: '002', ...dates }))
    const batch = await validated(other, first, issuer, [ending])
    expect(batch.counts?.ending).toBe(2)
    await expect(orderRelease(other, second, batch)).rejects.toMatchObject({ code: 'drop_guard' })
  })

  it('does not count as ended what has run out before', async () => {
    const other = await stockWorld(await testStore())
    await other.certify('social-security')
    await released(other, 'social-security', [aLine(1, { validTo: '2018-11-01' })])
    const batch = await validated(other, first, issuer, [[aLine(1, { status: 'cancelled' })]])
    expect(batch.counts?.ending).toBe(0)
    expect((await orderRelease(other, second, batch)).status).toBe(202)
    await other.jobs.idle()
  })

  it('takes two people to roll back, within a day', async () => {
    const batch = await released(world, 'social-security', [aLine(60)])
    const roll = (by: typeof first) =>
      inTransaction(world.store, (tx) => rollBackBatch(world.deps, tx, by, batch.batchId))
    expect((await roll(second)).status).toBe(202)
    expect(await licencesOf(60)).toHaveLength(1)
    await expect(roll(second)).rejects.toMatchObject({ code: 'release_needs_second_person' })
    const before = world.time.now
    world.time.now = new Date(before.getTime() + 24 * 3_600_000)
    expect((await roll(first)).status).toBe(202)
    await expect(roll(first)).rejects.toMatchObject({ code: 'release_needs_second_person' })
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    expect((await roll(second)).status).toBe(200)
    world.time.now = before
    expect(await licencesOf(60)).toEqual([])
  })

  it('does not bring back to life what its department has ended since', async () => {
    await released(world, 'social-security', [aLine(61)])
    const next = await released(world, 'social-security', [aLine(61, { version: '002' })])
    const now = new Date(world.time.now.getTime() + 1000)
    const [current] = (await licencesOf(61)).filter(({ version }) => version === '002')
    if (current === undefined) throw new Error('no such licence')
    await updateStatus(world.store.db, current.licenceId, 'revoked', now)
    await rolledBack(world, 'social-security', next.batchId)
    expect(await licencesOf(61)).toMatchObject([
      { version: '001', status: 'revoked', statusSource: 'department', successorId: null },
    ])
  })

  it('never leaves two versions in force when one is rolled back while the next is released', async () => {
    await released(world, 'social-security', [aLine(38)])
    const middle = await released(world, 'social-security', [aLine(38, { version: '002' })])
    const last = await validated(world, first, issuer, [[aLine(38, { version: '003' })]])
    const id = last.certificateId ?? ''
    const signer = world.signers.get(id)
    if (signer === undefined) throw new Error('no signer')
    const sign: typeof signer.sign = async (bytes) => {
      await delay(200)
      await rolledBack(world, 'social-security', middle.batchId).catch(() => undefined)
      return signer.sign(bytes)
    }
    world.signers.set(id, { ...signer, sign })
    await orderRelease(world, second, last)
    await world.jobs.idle()
    world.signers.set(id, signer)
    expect(
      (await licencesOf(38)).map(({ version, status }) => `${version} ${status}`).sort(),
    ).toEqual(['001 changed', '002 changed', '003 active'])
  })

  it('is left alone by a worker that comes too late with a failure', async () => {
    const batch = await validated(world, first, issuer, [[aLine(39)]])
    await orderRelease(world, second, batch)
    const stale = await batchIn(world, batch.batchId)
    await world.jobs.idle()
    const events = world.events.length
    const late = { ...world.deps, custodySigner: () => undefined }
    await releaseBatch(late, stale, new AbortController().signal)
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released', failure: null })
    expect(world.events).toHaveLength(events)
  })

  it('refuses a number that is in force for another holder', async () => {
    await released(world, 'social-security', [aLine(35)])
    const row = aLine(37, { number: 'T00000035' })
    const batch = await validated(world, first, issuer, [[row]])
    expect(await findingsOf(world, batch)).toMatchObject([
      { finding: { class: 'quarantine', rule: 'number_conflict', pointer: '/number' } },
    ])
  })
})

const filler = (from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => aLine(from + at))
