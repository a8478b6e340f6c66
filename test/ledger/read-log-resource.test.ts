import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { readEntryBundle, readHashTile } from '../../src/crypto/tile.ts'
import type { Ledger } from '../../src/ledger/open-ledger.ts'
import { testStore } from '../support/database.ts'
import { aFiling, gateway, ledgerWorld } from './ledger-world.ts'

const store = await testStore()
const world = ledgerWorld()
const origin = `${gateway}/node-1`
let ledger: Ledger
beforeAll(async () => {
  ledger = await world.open(store)
  await Promise.all(Array.from({ length: 600 }, () => ledger.file(aFiling())))
})
afterAll(() => ledger.close())

const bytesOf = async (path: string): Promise<Uint8Array> => {
  const resource = await ledger.resource(origin, path)
  if (resource === undefined) throw new Error(`no ${path}`)
  return resource.bytes
}

it('serves the checkpoint, uncached, signed by the log', async () => {
  const resource = await ledger.resource(origin, 'checkpoint')
  expect(resource).toMatchObject({ contentType: 'text/plain; charset=utf-8', isImmutable: false })
  const { text } = openNote(Buffer.from(resource?.bytes ?? []).toString(), [world.signer.key])
  expect(parseCheckpoint(text)).toMatchObject({ origin, size: 600 })
})

it('serves tiles and entries from which a stranger rebuilds the signed root', async () => {
  const entries = [
    ...readEntryBundle(await bytesOf('tile/entries/000'), 256),
    ...readEntryBundle(await bytesOf('tile/entries/001'), 256),
    ...readEntryBundle(await bytesOf('tile/entries/002.p/88'), 88),
  ]
  const leaves = [
    ...readHashTile(await bytesOf('tile/0/000'), 256),
    ...readHashTile(await bytesOf('tile/0/001'), 256),
    ...readHashTile(await bytesOf('tile/0/002.p/88'), 88),
  ]
  expect(leaves).toEqual(entries.map((entry) => leafHash(entry)))
  const upper = readHashTile(await bytesOf('tile/1/000.p/2'), 2)
  expect(upper).toEqual([rootOf(leaves.slice(0, 256)), rootOf(leaves.slice(256, 512))])
  const { text } = openNote(ledger.checkpoint(), [world.signer.key])
  expect(Buffer.from(parseCheckpoint(text).root)).toEqual(Buffer.from(rootOf(leaves)))
})

it('serves earlier widths of a partial tile, cacheable for good', async () => {
  const resource = await ledger.resource(origin, 'tile/0/002.p/5')
  expect(resource).toMatchObject({ contentType: 'application/octet-stream', isImmutable: true })
  expect(resource?.bytes).toHaveLength(5 * 32)
})

it.each([
  [origin, 'tile/0/002'],
  [origin, 'tile/0/002.p/89'],
  [origin, 'tile/0/003.p/1'],
  [origin, 'tile/1/000'],
  [origin, 'tile/2/000.p/1'],
  [origin, 'tile/entries/003'],
  [origin, 'tile/x'],
  [origin, ''],
  [`${gateway}/node-9`, 'checkpoint'],
  [`${gateway}/node-9`, 'tile/0/000'],
])('serves nothing at %s/%s', async (log, path) => {
  expect(await ledger.resource(log, path)).toBeUndefined()
})
