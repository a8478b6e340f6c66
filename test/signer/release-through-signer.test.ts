import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestSignatures } from '../../src/client/request-signatures.ts'
import type { Batch } from '../../src/stock/batch.ts'
import type { StockDeps } from '../../src/stock/stock-deps.ts'
import { initSignerFolder } from '../../src/signer/signer-folder.ts'
import { type RunningSigner, startSigner } from '../../src/signer/start-signer.ts'
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

const second = steward('social-security', 2)
let world: StockWorld
let dir: string
let signer: RunningSigner
let own: Leaf
let stewardKey: Leaf

const start = () => startSigner({ dir, port: 0, now: () => world.time.now })

beforeAll(async () => {
  const plain = await stockWorld(await testStore())
  // The port is free only once the signer runs, so the address in the certificate's row stands for it.
  const deps: StockDeps = {
    ...plain.deps,
    requestSignatures: (_, order, rows, signal) =>
      requestSignatures(signer.url, order, rows, signal),
  }
  world = { ...plain, deps }
  own = await world.certify('social-security', 'http://127.0.0.1:1')
  stewardKey = await world.authority.issue(
    'client',
    'urn:zhengqiao:client:social-security-steward-2',
  )
  dir = await mkdtemp(join(tmpdir(), 'signer-'))
  await initSignerFolder(dir, {
    keyPem: own.pem,
    chainPem: own.chain.map((der) => toPem('CERTIFICATE', der)).join(''),
    stewards: [{ name: 'steward-2', der: stewardKey.chain[0] ?? new Uint8Array() }],
  })
  signer = await start()
})
afterAll(async () => {
  await signer.close()
  await rm(dir, { recursive: true })
})

const order = async (batch: Batch, by = stewardKey): Promise<void> => {
  const signed = await signedRelease(by, batch.batchId, releaseBodyOf(batch))
  await orderRelease(world, second, batch, signed)
}

const batchOf = (from: number, count: number) =>
  validated(world, steward('social-security', 1), issuer, [
    Array.from({ length: count }, (_, at) => aLine(from + at)),
  ])

describe('a department that signs for itself', () => {
  it('releases what its steward ordered, and its list names the root', async () => {
    const batch = await batchOf(1, 300)
    await order(batch)
    await world.jobs.idle()
    expect(world.faults).toEqual([])
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
    expect(await readFile(join(dir, 'signed.ndjson'), 'utf8')).toContain(releaseBodyOf(batch).root)
    expect(world.events.at(-1)).toMatchObject({
      action: 'batch.released',
      detail: { keyCustody: 'department', rows: 300 },
    })
  })

  it('fails a batch whose order its signer does not accept', async () => {
    const batch = await batchOf(400, 2)
    await order(batch, await world.authority.issue('client', 'urn:zhengqiao:client:stranger'))
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({
      state: 'failed',
      failure: 'signer_refused',
    })
  })

  it('waits for a signer that is down, and releases when it is back', async () => {
    const batch = await batchOf(410, 3)
    await signer.close()
    await order(batch)
    while (world.faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'releasing' })
    signer = await start()
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({ state: 'released' })
  })

  it('takes no signature that its certificate does not vouch for', async () => {
    const batch = await batchOf(420, 2)
    const honest = world.deps.requestSignatures
    const lying: StockDeps = {
      ...world.deps,
      requestSignatures: async function* (...asked) {
        for await (const row of honest(...asked)) {
          const signature = Buffer.from(row.signature)
          signature.writeUInt8(signature.readUInt8(9) ^ 1, 9)
          yield { ...row, signature }
        }
      },
    }
    const signed = await signedRelease(stewardKey, batch.batchId, releaseBodyOf(batch))
    await orderRelease({ ...world, deps: lying }, second, batch, signed)
    await world.jobs.idle()
    expect(await batchIn(world, batch.batchId)).toMatchObject({
      state: 'failed',
      failure: 'signature_wrong',
    })
  })
})
