import { expect, it } from 'vitest'
import { emptyFrontier, inclusionPath, leafHash } from '../../src/crypto/merkle.ts'
import { appendBatch } from '../../src/ledger/append-batch.ts'
import { pathFromTiles, widthAt } from '../../src/ledger/path-from-tiles.ts'

const leaves = Array.from({ length: 1400 }, (_, n) => leafHash(Buffer.from(String(n))))
const upper = appendBatch(emptyFrontier(), leaves).tileHashes

const readTile = async (level: number, index: number, width: number) =>
  (level === 0
    ? leaves
    : upper.filter((tile) => tile.level === level).map((tile) => tile.hash)
  ).slice(index * 256, index * 256 + width)

it.each([1, 2, 255, 256, 257, 511, 512, 513, 1023, 1400])(
  'rebuilds the paths of a tree of %i leaves from its tiles',
  async (size) => {
    for (const index of [0, 1, 100, 255, 256, 300, 511, 512, 800, 1022, 1399]) {
      if (index >= size) continue
      const expected = inclusionPath(index, leaves.slice(0, size))
      expect(await pathFromTiles(index, size, readTile)).toEqual(expected)
    }
  },
)

it('reads no tile twice for one path', async () => {
  const read: string[] = []
  await pathFromTiles(1000, 1399, async (level, index, width) => {
    read.push(`${String(level)}/${String(index)}`)
    return readTile(level, index, width)
  })
  expect(new Set(read).size).toBe(read.length)
})

it('stops when a stored tile is shorter than the tree says', async () => {
  const short = async () => leaves.slice(0, 3)
  await expect(pathFromTiles(0, 1000, short)).rejects.toThrow(RangeError)
})

it('counts the tiles of a tree of 70,000 leaves as C2SP tlog-tiles does', () => {
  expect([272, 273, 274].map((index) => widthAt(70_000, 0, index))).toEqual([256, 112, 0])
  expect([0, 1, 2].map((index) => widthAt(70_000, 1, index))).toEqual([256, 17, 0])
  expect(widthAt(70_000, 2, 0)).toBe(1)
  expect([widthAt(256, 0, 0), widthAt(256, 1, 0)]).toEqual([256, 1])
})
