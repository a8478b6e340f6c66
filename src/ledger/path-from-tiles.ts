import type { DigestName } from '../crypto/digest.ts'
import { inclusionRanges, nodeHash, rangeHash, subtreesOf, type Subtree } from '../crypto/merkle.ts'
import { tileWidth } from '../crypto/tile.ts'

/** The hashes of one tile, as many as it holds in a tree of the size at hand. */
export type ReadTile = (
  level: number,
  index: number,
  width: number,
) => Promise<readonly Uint8Array[]>

/** RFC 6962 inclusion path of a leaf in the tree of the first `size` leaves, from stored tiles. */
export const pathFromTiles = async (
  index: number,
  size: number,
  readTile: ReadTile,
  name: DigestName = 'sha-256',
): Promise<readonly Uint8Array[]> => {
  const read = readingOnce(readTile)
  const path: Uint8Array[] = []
  for (const range of inclusionRanges(index, size)) {
    const roots = await Promise.all(
      subtreesOf(range).map((subtree) => subtreeRoot(subtree, { size, read, name })),
    )
    path.push(rangeHash(roots, name))
  }
  return path
}

/** Hashes that a tile holds in a tree of this size: 0 where it does not exist yet. */
export const widthAt = (size: number, level: number, index: number): number =>
  Math.min(tileWidth, Math.max(0, Math.floor(size / tileWidth ** level) - index * tileWidth))

/** A subtree of up to 128 hashes stands inside one tile, as a run of that tile's hashes. */
const subtreeRoot = async (
  subtree: Subtree,
  {
    size,
    read,
    name,
  }: { readonly size: number; readonly read: ReadTile; readonly name: DigestName },
): Promise<Uint8Array> => {
  const tileLevel = Math.floor(subtree.level / 8)
  const run = 2 ** (subtree.level % 8)
  const first = subtree.index * run
  const tile = Math.floor(first / tileWidth)
  const hashes = await read(tileLevel, tile, widthAt(size, tileLevel, tile))
  const start = first % tileWidth
  return perfectRoot(hashes.slice(start, start + run), run, name)
}

const perfectRoot = (
  hashes: readonly Uint8Array[],
  expected: number,
  name: DigestName,
): Uint8Array => {
  if (hashes.length !== expected) throw new RangeError('a tile is shorter than the tree')
  let row = hashes
  while (row.length > 1) row = pairs(row, name)
  const [root] = row
  if (root === undefined) throw new RangeError('an empty subtree')
  return root
}

const pairs = (row: readonly Uint8Array[], name: DigestName): Uint8Array[] => {
  const parents: Uint8Array[] = []
  for (let at = 0; at + 1 < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]]
    if (left && right) parents.push(nodeHash(left, right, name))
  }
  return parents
}

const readingOnce = (readTile: ReadTile): ReadTile => {
  const read = new Map<string, Promise<readonly Uint8Array[]>>()
  return (level, index, width) => {
    const key = `${String(level)}/${String(index)}`
    const known = read.get(key) ?? readTile(level, index, width)
    read.set(key, known)
    return known
  }
}
