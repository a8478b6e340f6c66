import type { DigestName } from '../crypto/digest.ts'
import { type Frontier, frontierRoot, nodeHash } from '../crypto/merkle.ts'

/** The root of a complete subtree of 256, 65536, … leaves, as tiles of level 1, 2, … hold it. */
export type TileHash = {
  readonly level: number
  readonly position: number
  readonly hash: Uint8Array
}

export type AppendedBatch = {
  readonly frontier: Frontier
  readonly root: Uint8Array
  /** Hashes that the tiles of level 1 and above gain. */
  readonly tileHashes: readonly TileHash[]
  /** RFC 6962 inclusion path of the n-th leaf of the batch in the tree after it. */
  readonly pathOf: (n: number) => readonly Uint8Array[]
}

/**
 * Appends leaf hashes to a tree of which only the frontier is known. Everything that a path of a new
 * leaf needs is either in the frontier or new, so no stored hash is read.
 */
export const appendBatch = (
  before: Frontier,
  leaves: readonly Uint8Array[],
  name: DigestName = 'sha-256',
): AppendedBatch => {
  const size = before.size + leaves.length
  const rows = growRows(before, leaves, name)
  const frontier = { size, hashes: frontierOf(rows, size) }
  const edges = rightEdges(rows, size, name)
  return {
    frontier,
    root: frontierRoot(frontier, name),
    tileHashes: newTileHashes(rows, before.size),
    pathOf: (n) => pathTo(before.size + n, size, rows, edges),
  }
}

/** The known complete nodes of one level: `hashes[0]` has index `start`, which is even. */
type Row = { readonly start: number; readonly hashes: readonly Uint8Array[] }

const growRows = (
  before: Frontier,
  leaves: readonly Uint8Array[],
  name: DigestName,
): readonly Row[] => {
  const old = [...before.hashes]
  const rows: Row[] = []
  let fresh: readonly Uint8Array[] = leaves
  for (let count = before.size; fresh.length > 0 || old.length > 0; count = half(count)) {
    const oldHash = count % 2 === 1 ? old.pop() : undefined
    const hashes = oldHash === undefined ? fresh : [oldHash, ...fresh]
    rows.push({ start: count - (count % 2), hashes })
    fresh = parentsOf(hashes, name)
  }
  return rows
}

const parentsOf = (hashes: readonly Uint8Array[], name: DigestName): Uint8Array[] => {
  const parents: Uint8Array[] = []
  for (let at = 0; at + 1 < hashes.length; at += 2) {
    const [left, right] = [hashes[at], hashes[at + 1]]
    if (left && right) parents.push(nodeHash(left, right, name))
  }
  return parents
}

/** One hash for each set bit of the size: the last complete node of that level. */
const frontierOf = (rows: readonly Row[], size: number): Uint8Array[] => {
  const hashes: Uint8Array[] = []
  let count = size
  for (const row of rows) {
    if (count % 2 === 1) hashes.unshift(nodeAt(row, count - 1))
    count = half(count)
  }
  return hashes
}

/** For each level the hash of the incomplete last node, or undefined where the tree ends evenly. */
const rightEdges = (
  rows: readonly Row[],
  size: number,
  name: DigestName,
): (Uint8Array | undefined)[] => {
  const edges: (Uint8Array | undefined)[] = [undefined]
  let edge: Uint8Array | undefined
  let count = size
  for (const row of rows) {
    if (count % 2 === 1) {
      const left = nodeAt(row, count - 1)
      edge = edge === undefined ? left : nodeHash(left, edge, name)
    }
    edges.push(edge)
    count = half(count)
  }
  return edges
}

const pathTo = (
  index: number,
  size: number,
  rows: readonly Row[],
  edges: readonly (Uint8Array | undefined)[],
): Uint8Array[] => {
  const path: Uint8Array[] = []
  let [node, count] = [index, size]
  for (const [level, row] of rows.entries()) {
    const sibling = node % 2 === 0 ? node + 1 : node - 1
    const edge = sibling === count ? edges[level] : undefined
    if (sibling < count) path.push(nodeAt(row, sibling))
    else if (edge !== undefined) path.push(edge)
    node = half(node)
    count = half(count)
  }
  return path
}

const newTileHashes = (rows: readonly Row[], oldSize: number): TileHash[] => {
  const found: TileHash[] = []
  for (let level = 1; level * 8 < rows.length; level++) {
    const row = rows[level * 8]
    const oldCount = Math.floor(oldSize / 256 ** level)
    for (const [at, hash] of (row?.hashes ?? []).entries()) {
      const position = (row?.start ?? 0) + at
      if (position >= oldCount) found.push({ level, position, hash })
    }
  }
  return found
}

const nodeAt = (row: Row, index: number): Uint8Array => {
  const hash = row.hashes[index - row.start]
  if (hash === undefined) throw new RangeError('the frontier does not fit its size')
  return hash
}

/** Sizes may pass 2^32, so no shift operators. */
const half = (n: number): number => Math.floor(n / 2)
