import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { consistencyPath, inclusionPath, leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { parseVerifierKey } from '../../src/crypto/note-key.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import {
  parseTilePath,
  partialWidth,
  readEntryBundle,
  readHashTile,
  tilePath,
  writeEntryBundle,
  type Tile,
} from '../../src/crypto/tile.ts'
import { verifyConsistency, verifyInclusion } from '../../src/crypto/verify-merkle.ts'
import { coded } from './coded.ts'

const at = (path: string) => new URL(`../vectors/tessera-log/${path}`, import.meta.url)
const key = parseVerifierKey(
  'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
)
const checkpointOf = (name: string) =>
  parseCheckpoint(openNote(readFileSync(at(name), 'utf8'), [key]).text)

describe('the tile log of tessera', () => {
  const sizes = Array.from({ length: 16 }, (_, size) => size)
  const last = checkpointOf('checkpoint')
  const all = readEntryBundle(
    readFileSync(at(tilePath({ level: 'entries', index: 0, width: 15 }))),
    15,
  ).map((entry) => leafHash(entry))

  it.each(sizes)('has the root of its signed checkpoint at size %d', (size) => {
    const checkpoint = checkpointOf(`checkpoint.${String(size)}`)
    expect(checkpoint.size).toBe(size)
    expect(Buffer.from(rootOf(all.slice(0, size)))).toEqual(checkpoint.root)
  })

  it.each(sizes.slice(1))(
    'has leaf hashes of its entries in the partial tiles of width %d',
    (width) => {
      const bundle = readFileSync(at(tilePath({ level: 'entries', index: 0, width })))
      const tile = tilePath({ level: 0, index: 0, width })
      const hashes = readEntryBundle(bundle, width).map((entry) => leafHash(entry))
      if (existsSync(at(tile))) expect(readHashTile(readFileSync(at(tile)), width)).toEqual(hashes)
      expect(hashes).toEqual(all.slice(0, width))
    },
  )

  it('proves each entry to the last checkpoint and each checkpoint to the last', () => {
    const { root } = last
    all.forEach((leaf, index) => {
      const path = inclusionPath(index, all)
      expect(verifyInclusion({ index, size: 15, leaf, path, root })).toBe(true)
      const { size: oldSize, root: oldRoot } = checkpointOf(`checkpoint.${String(index + 1)}`)
      const claim = { oldSize, newSize: 15, oldRoot, newRoot: root }
      expect(verifyConsistency({ ...claim, path: consistencyPath(oldSize, all) })).toBe(true)
    })
  })
})

describe('tile paths', () => {
  it.each([
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 'entries', index: 0, width: 15 }, 'tile/entries/000.p/15'],
    [{ level: 1, index: 999, width: 1 }, 'tile/1/999.p/1'],
    [{ level: 63, index: 1000, width: 255 }, 'tile/63/x001/000.p/255'],
  ] satisfies [Tile, string][])('%o is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  it.each([
    ...['tile/00/000', 'tile/64/000', 'tile/0/0', 'tile/0/x000/001', 'tile/0/000.p/0'],
    ...['tile/0/000.p/256', 'tile/0/000.p/015', 'tile/0/001/000', 'tile/0/x001', 'tile/0/000/'],
    ...['/tile/0/000', 'tile/-1/000', 'tile/entries/../0/000', 'tile/0/０００', 'tile/0/000.p'],
    'tile/0/x999/x999/x999/x999/x999/999',
  ])('refuses %s', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  it('are read back for every tile', () => {
    const tile = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant('entries' as const)),
      index: fc.maxSafeNat().map((n) => Math.floor(n / 256)),
      width: fc.integer({ min: 1, max: 256 }),
    })
    fc.assert(
      fc.property(tile, (value) => {
        expect(parseTilePath(tilePath(value))).toEqual(value)
      }),
    )
  })
})

it('knows the partial tiles of a tree of 70,000 leaves, as tlog-tiles says', () => {
  expect([0, 1, 2, 3].map((level) => partialWidth(level, 70_000))).toEqual([112, 17, 1, 0])
  expect([0, 1].map((level) => partialWidth(level, 256))).toEqual([0, 1])
})

it('reads back the bundles that it writes, and refuses cut or miscounted ones', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
  fc.assert(
    fc.property(entries, (list) => {
      const bundle = writeEntryBundle(list)
      expect(readEntryBundle(bundle, list.length)).toEqual(list.map((entry) => Buffer.from(entry)))
      expect(coded(() => readEntryBundle(bundle, list.length + 1))).toBe('tile_malformed')
      if (bundle.length > 0)
        expect(coded(() => readEntryBundle(bundle.subarray(0, -1), list.length))).toBe(
          'tile_malformed',
        )
    }),
  )
  expect(coded(() => writeEntryBundle([new Uint8Array(65_536)]))).toBe('tile_malformed')
  expect(coded(() => readHashTile(new Uint8Array(33), 1))).toBe('tile_malformed')
})
