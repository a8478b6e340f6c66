import { expect, it } from 'vitest'
import {
  emptyFrontier,
  inclusionPath,
  leafHash,
  nodeHash,
  rootOf,
} from '../../src/crypto/merkle.ts'
import { verifyInclusion } from '../../src/crypto/verify-merkle.ts'
import { appendBatch } from '../../src/ledger/append-batch.ts'

const leaves = Array.from({ length: 1100 }, (_, n) => leafHash(Buffer.from(String(n))))

it('gives the same root, frontier and paths as the whole tree, for every split into two batches', () => {
  for (let size = 1; size <= 24; size++) {
    for (let first = 0; first <= size; first++) {
      const before = appendBatch(emptyFrontier(), leaves.slice(0, first)).frontier
      const batch = appendBatch(before, leaves.slice(first, size))
      expect(batch.root).toEqual(rootOf(leaves.slice(0, size)))
      for (let n = 0; n < size - first; n++) {
        expect(batch.pathOf(n)).toEqual(inclusionPath(first + n, leaves.slice(0, size)))
      }
    }
  }
})

it('proves every leaf of uneven batches in a tree of more than four tiles', () => {
  let frontier = emptyFrontier()
  for (const length of [1, 254, 1, 1, 255, 256, 3, 300, 29]) {
    const start = frontier.size
    const batch = appendBatch(frontier, leaves.slice(start, start + length))
    for (let n = 0; n < length; n++) {
      const leaf = leaves[start + n] ?? Buffer.alloc(0)
      const { size } = batch.frontier
      const claim = { index: start + n, size, leaf, path: batch.pathOf(n), root: batch.root }
      expect(verifyInclusion(claim)).toBe(true)
    }
    frontier = batch.frontier
  }
  expect(frontier.size).toBe(1100)
})

it('hands out each complete tile of 256 leaves once, with its root', () => {
  const seen = new Map<string, Uint8Array>()
  let frontier = emptyFrontier()
  for (const length of [255, 1, 100, 300, 444]) {
    const batch = appendBatch(frontier, leaves.slice(frontier.size, frontier.size + length))
    for (const { level, position, hash } of batch.tileHashes) {
      const key = `${String(level)}/${String(position)}`
      expect(seen.has(key)).toBe(false)
      seen.set(key, hash)
    }
    frontier = batch.frontier
  }
  expect([...seen.keys()]).toEqual(['1/0', '1/1', '1/2', '1/3'])
  for (let tile = 0; tile < 4; tile++) {
    const root = rootOf(leaves.slice(tile * 256, tile * 256 + 256))
    expect(seen.get(`1/${String(tile)}`)).toEqual(root)
  }
})

it('climbs to level 2 after 65,536 leaves', () => {
  const leaf = leafHash(Buffer.from('x'))
  const batch = appendBatch(
    emptyFrontier(),
    Array.from({ length: 65_536 }, () => leaf),
  )
  let hash = leaf
  for (let level = 0; level < 16; level++) hash = nodeHash(hash, hash)
  expect(batch.tileHashes.filter(({ level }) => level === 1)).toHaveLength(256)
  expect(batch.tileHashes.filter(({ level }) => level === 2)).toEqual([
    { level: 2, position: 0, hash },
  ])
})

it('adds nothing for an empty batch', () => {
  const before = appendBatch(emptyFrontier(), leaves.slice(0, 5))
  const after = appendBatch(before.frontier, [])
  expect(after.root).toEqual(before.root)
  expect(after.frontier).toEqual(before.frontier)
})
