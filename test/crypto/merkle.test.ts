import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendLeaf,
  consistencyPath,
  emptyFrontier,
  frontierRoot,
  inclusionPath,
  inclusionRanges,
  leafHash,
  nodeHash,
  rangeHash,
  rootOf,
  subtreesOf,
} from '../../src/crypto/merkle.ts'
import { verifyConsistency, verifyInclusion } from '../../src/crypto/verify-merkle.ts'
import { coded, flips } from './coded.ts'

const read = <Case>(name: string): Case[] => {
  const text = readFileSync(new URL(`../vectors/merkle/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: Case[] }).cases
}
const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64')
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => leafHash(Buffer.from([n >> 8, n & 255])))

type Inclusion = {
  id: string
  leafIdx: number
  treeSize: number
  root: string | null
  leafHash: string | null
  proof: string[] | null
  wantErr: boolean
}
type Consistency = {
  id: string
  size1: number
  size2: number
  root1: string | null
  root2: string | null
  proof: string[] | null
  wantErr: boolean
}

describe('transparency-dev/merkle inclusion', () => {
  it.each(read<Inclusion>('inclusion'))('$id', (item) => {
    const verified = verifyInclusion({
      index: item.leafIdx,
      size: item.treeSize,
      leaf: bytes(item.leafHash),
      path: (item.proof ?? []).map(bytes),
      root: bytes(item.root),
    })
    expect(verified).toBe(!item.wantErr)
  })
})

describe('transparency-dev/merkle consistency', () => {
  it.each(read<Consistency>('consistency'))('$id', (item) => {
    const verified = verifyConsistency({
      oldSize: item.size1,
      newSize: item.size2,
      oldRoot: bytes(item.root1),
      newRoot: bytes(item.root2),
      path: (item.proof ?? []).map(bytes),
    })
    expect(verified).toBe(!item.wantErr)
  })
})

it('has the root of RFC 6962 for the empty tree, one leaf and three leaves', () => {
  const [a, b, c] = [
    leafHash(Buffer.from('a')),
    leafHash(Buffer.from('b')),
    leafHash(Buffer.from('c')),
  ]
  expect(Buffer.from(rootOf([])).toString('hex')).toMatch(/^e3b0c44298fc1c14/)
  expect(rootOf([a])).toEqual(a)
  expect(rootOf([a, b, c])).toEqual(nodeHash(nodeHash(a, b), c))
})

it('proves every leaf and every older size of every tree up to 70 leaves', () => {
  for (let size = 1; size <= 70; size++) {
    const leaves = leavesOf(size)
    const root = rootOf(leaves)
    leaves.forEach((leaf, index) => {
      const path = inclusionPath(index, leaves)
      expect(verifyInclusion({ index, size, leaf, path, root })).toBe(true)
      const oldSize = index + 1
      const claim = {
        oldSize,
        newSize: size,
        oldRoot: rootOf(leaves.slice(0, oldSize)),
        newRoot: root,
      }
      expect(verifyConsistency({ ...claim, path: consistencyPath(oldSize, leaves) })).toBe(true)
    })
  }
})

it('grows leaf by leaf to the root over all leaves, and leaves earlier frontiers as they were', () => {
  const leaves = leavesOf(200)
  const first = emptyFrontier()
  let frontier = first
  leaves.forEach((leaf, index) => {
    const before = frontierRoot(frontier)
    const grown = appendLeaf(frontier, leaf)
    expect(frontierRoot(frontier)).toEqual(before)
    expect(frontierRoot(grown)).toEqual(rootOf(leaves.slice(0, index + 1)))
    frontier = grown
  })
  expect(first).toEqual({ size: 0, hashes: [] })
})

it('proves nothing with one bit flipped in leaf, path or root, or with another place', () => {
  const leaves = leavesOf(11)
  const root = rootOf(leaves)
  leaves.forEach((leaf, index) => {
    const path = inclusionPath(index, leaves)
    const good = { index, size: 11, leaf, path, root }
    for (const changed of flips(leaf))
      expect(verifyInclusion({ ...good, leaf: changed })).toBe(false)
    for (const changed of flips(root))
      expect(verifyInclusion({ ...good, root: changed })).toBe(false)
    path.forEach((hash, at) => {
      const [changed = hash] = flips(hash)
      expect(verifyInclusion({ ...good, path: path.with(at, changed) })).toBe(false)
    })
    expect(verifyInclusion({ ...good, path: [...path, leaf] })).toBe(false)
    expect(verifyInclusion({ ...good, path: path.slice(1) })).toBe(false)
    for (let other = 0; other < 11; other++)
      expect(verifyInclusion({ ...good, index: other })).toBe(other === index)
  })
})

it('proves no consistency with one bit flipped or a hash more or less', () => {
  const leaves = leavesOf(13)
  for (let oldSize = 1; oldSize < 13; oldSize++) {
    const path = consistencyPath(oldSize, leaves)
    const good = {
      ...{ oldSize, newSize: 13, path },
      ...{ oldRoot: rootOf(leaves.slice(0, oldSize)), newRoot: rootOf(leaves) },
    }
    for (const changed of flips(good.oldRoot))
      expect(verifyConsistency({ ...good, oldRoot: changed })).toBe(false)
    for (const changed of flips(good.newRoot))
      expect(verifyConsistency({ ...good, newRoot: changed })).toBe(false)
    path.forEach((hash, at) => {
      const [changed = hash] = flips(hash)
      expect(verifyConsistency({ ...good, path: path.with(at, changed) })).toBe(false)
    })
    expect(verifyConsistency({ ...good, path: path.slice(1) })).toBe(false)
    expect(verifyConsistency({ ...good, path: [...path, good.newRoot] })).toBe(false)
  }
})

it('lets a keeper of subtree roots build the same paths', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (size, place) => {
      const leaves = leavesOf(size)
      const path = inclusionRanges(place % size, size).map((range) =>
        rangeHash(
          subtreesOf(range).map(({ level, index }) =>
            rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
          ),
        ),
      )
      expect(path).toEqual(inclusionPath(place % size, leaves))
    }),
    { numRuns: 60 },
  )
})

it('plans proofs of trees beyond 2^32 leaves', () => {
  const size = 2 ** 40 + 5
  const ranges = inclusionRanges(2 ** 33 + 1, size)
  expect(ranges).toHaveLength(41)
  expect(ranges.at(-1)).toEqual({ start: 2 ** 40, end: size })
  expect(subtreesOf({ start: 2 ** 40, end: size })).toEqual([
    { level: 2, index: 2 ** 38 },
    { level: 0, index: 2 ** 40 + 4 },
  ])
})

it('builds a tree of SM3 hashes that SHA-256 does not verify', () => {
  const leaves = [0, 1, 2].map((n) => leafHash(Buffer.of(n), 'sm3'))
  const claim = {
    ...{ index: 1, size: 3, leaf: leaves[1] ?? Buffer.of() },
    ...{ path: inclusionPath(1, leaves, 'sm3'), root: rootOf(leaves, 'sm3') },
  }
  expect(verifyInclusion({ ...claim, digest: 'sm3' })).toBe(true)
  expect(verifyInclusion(claim)).toBe(false)
})

it('refuses places outside the tree with a code', () => {
  const leaves = leavesOf(3)
  for (const index of [-1, 3, 0.5, Number.NaN])
    expect(coded(() => inclusionPath(index, leaves))).toBe('merkle_range')
  for (const size of [0, 4, 1.5])
    expect(coded(() => consistencyPath(size, leaves))).toBe('merkle_range')
  expect(coded(() => rangeHash([]))).toBe('merkle_range')
})
