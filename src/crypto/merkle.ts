import { CryptoError } from './crypto-error.ts'
import { digest, type DigestName } from './digest.ts'

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

/** RFC 6962 §2.1 leaf hash: H(0x00 ‖ entry). */
export const leafHash = (entry: Uint8Array, name: DigestName = 'sha-256'): Uint8Array =>
  digest(name, Buffer.concat([leafPrefix, entry]))

/** RFC 6962 §2.1 node hash: H(0x01 ‖ left ‖ right). */
export const nodeHash = (
  left: Uint8Array,
  right: Uint8Array,
  name: DigestName = 'sha-256',
): Uint8Array => digest(name, Buffer.concat([nodePrefix, left, right]))

/**
 * The right edge of a growing tree: the roots of its perfect subtrees, largest first, one for each set
 * bit of `size`. A value: appending makes a new one, so an unfinished batch can be dropped.
 */
export type Frontier = { readonly size: number; readonly hashes: readonly Uint8Array[] }

export const emptyFrontier = (): Frontier => ({ size: 0, hashes: [] })

/** The frontier with one more leaf hash. */
export const appendLeaf = (
  frontier: Frontier,
  leaf: Uint8Array,
  name: DigestName = 'sha-256',
): Frontier => {
  const hashes = [...frontier.hashes]
  pushLeaf(hashes, frontier.size, leaf, name)
  return { size: frontier.size + 1, hashes }
}

/** The frontier with one more entry. */
export const appendEntry = (
  frontier: Frontier,
  entry: Uint8Array,
  name: DigestName = 'sha-256',
): Frontier => appendLeaf(frontier, leafHash(entry, name), name)

/** Root hash of the tree with this frontier; of the empty tree the digest of nothing. */
export const frontierRoot = (frontier: Frontier, name: DigestName = 'sha-256'): Uint8Array =>
  frontier.hashes.length === 0 ? digest(name, '') : foldEdge(frontier.hashes, name)

/** RFC 6962 root over leaf hashes in order. */
export const rootOf = (leaves: readonly Uint8Array[], name: DigestName = 'sha-256'): Uint8Array =>
  leaves.length === 0 ? digest(name, '') : hashRange(leaves, 0, leaves.length, name)

/**
 * RFC 6962 §2.1.1 audit path of one leaf, nearest sibling first.
 * @throws CryptoError merkle_range
 */
export const inclusionPath = (
  index: number,
  leaves: readonly Uint8Array[],
  name: DigestName = 'sha-256',
): Uint8Array[] =>
  inclusionRanges(index, leaves.length).map(({ start, end }) => hashRange(leaves, start, end, name))

/**
 * RFC 6962 §2.1.2 proof that the tree of the first `oldSize` leaves is a prefix.
 * @throws CryptoError merkle_range
 */
export const consistencyPath = (
  oldSize: number,
  leaves: readonly Uint8Array[],
  name: DigestName = 'sha-256',
): Uint8Array[] =>
  consistencyRanges(oldSize, leaves.length).map(({ start, end }) =>
    hashRange(leaves, start, end, name),
  )

/** Leaves `start` to `end - 1`, whose subtree root is one hash of a proof. */
export type LeafRange = { readonly start: number; readonly end: number }

/**
 * The ranges whose hashes make up an inclusion path, for callers that keep subtree roots.
 * @throws CryptoError merkle_range
 */
export const inclusionRanges = (index: number, size: number): LeafRange[] => {
  requireRange(Number.isSafeInteger(size) && Number.isSafeInteger(index))
  requireRange(index >= 0 && index < size)
  const ranges: LeafRange[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      ranges.unshift({ start: middle, end })
      end = middle
    } else {
      ranges.unshift({ start, end: middle })
      start = middle
    }
  }
  return ranges
}

/**
 * The ranges whose hashes make up a consistency proof; none between equal sizes.
 * @throws CryptoError merkle_range
 */
export const consistencyRanges = (oldSize: number, newSize: number): LeafRange[] => {
  requireRange(Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize))
  requireRange(oldSize > 0 && oldSize <= newSize)
  const ranges: LeafRange[] = []
  let [start, end] = [0, newSize]
  while (end !== oldSize) {
    const middle = start + splitOf(end - start)
    if (oldSize <= middle) {
      ranges.unshift({ start: middle, end })
      end = middle
    } else {
      ranges.unshift({ start, end: middle })
      start = middle
    }
  }
  return start === 0 ? ranges : [{ start, end }, ...ranges]
}

/** A perfect subtree: leaves `index · 2^level` to `(index + 1) · 2^level - 1`. */
export type Subtree = { readonly level: number; readonly index: number }

/**
 * The perfect subtrees that a range of a proof consists of, left to right; their roots make a frontier,
 * so `rangeHash` of the roots is the hash of the range.
 */
export const subtreesOf = ({ start, end }: LeafRange): Subtree[] => {
  const subtrees: Subtree[] = []
  for (let from = start; from < end;) {
    const level = Math.floor(Math.log2(end - from + 0.5))
    subtrees.push({ level, index: from / 2 ** level })
    from += 2 ** level
  }
  return subtrees
}

/** Hash of a range from the roots of its subtrees, in the order of subtreesOf. */
export const rangeHash = (roots: readonly Uint8Array[], name: DigestName = 'sha-256'): Uint8Array =>
  foldEdge(roots, name)

const foldEdge = (roots: readonly Uint8Array[], name: DigestName): Uint8Array => {
  const [last, ...larger] = roots.toReversed()
  if (last === undefined) throw new CryptoError('merkle_range', 'no subtree')
  return larger.reduce((right, left) => nodeHash(left, right, name), last)
}

/** Largest power of two smaller than n, for n > 1. */
const splitOf = (n: number): number => {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}

const hashRange = (
  leaves: readonly Uint8Array[],
  start: number,
  end: number,
  name: DigestName,
): Uint8Array => {
  const hashes: Uint8Array[] = []
  for (let at = start; at < end; at++) pushLeaf(hashes, at - start, leafAt(leaves, at), name)
  return foldEdge(hashes, name)
}

const pushLeaf = (hashes: Uint8Array[], size: number, leaf: Uint8Array, name: DigestName): void => {
  let last = leaf
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2)
    last = nodeHash(takeLast(hashes), last, name)
  hashes.push(last)
}

const leafAt = (leaves: readonly Uint8Array[], index: number): Uint8Array => {
  const leaf = leaves[index]
  if (leaf === undefined) throw new CryptoError('merkle_range', 'no such leaf')
  return leaf
}

const takeLast = (hashes: Uint8Array[]): Uint8Array => {
  const hash = hashes.pop()
  if (hash === undefined) throw new CryptoError('merkle_range', 'frontier does not fit its size')
  return hash
}

const requireRange = (holds: boolean): void => {
  if (!holds) throw new CryptoError('merkle_range', 'index or size outside the tree')
}
