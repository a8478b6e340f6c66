import { digestLengthBytes, type DigestName } from './digest.ts'
import { nodeHash } from './merkle.ts'

export type InclusionClaim = {
  readonly index: number
  readonly size: number
  /** Leaf hash, not the entry. */
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly root: Uint8Array
  readonly digest?: DigestName
}

export type ConsistencyClaim = {
  readonly oldSize: number
  readonly newSize: number
  readonly oldRoot: Uint8Array
  readonly newRoot: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly digest?: DigestName
}

/** RFC 9162 §2.1.3.2. False for anything out of range or of the wrong length; never throws. */
export const verifyInclusion = (claim: InclusionClaim): boolean => {
  const { index, size, path } = claim
  if (!isSize(index) || !isSize(size) || index >= size) return false
  if (![claim.leaf, claim.root, ...path].every(isHash)) return false
  const root = climb(claim)
  return root !== undefined && isEqual(root, claim.root)
}

/**
 * RFC 9162 §2.1.4.2. Nothing is proved from size 0: every tree extends the empty one, and a caller that
 * holds only an empty tree has no root to compare.
 */
export const verifyConsistency = (claim: ConsistencyClaim): boolean => {
  const { oldSize, newSize, oldRoot, newRoot } = claim
  if (!isSize(oldSize) || !isSize(newSize) || oldSize === 0 || oldSize > newSize) return false
  if (oldSize === newSize) return claim.path.length === 0 && isEqual(oldRoot, newRoot)
  if (![oldRoot, newRoot, ...claim.path].every(isHash)) return false
  const rebuilt = rebuildRoots(claim)
  return rebuilt !== undefined && isEqual(rebuilt.old, oldRoot) && isEqual(rebuilt.new, newRoot)
}

type Place = { readonly node: number; readonly last: number }
type Roots = { readonly old: Uint8Array; readonly new: Uint8Array }

const climb = ({ index, size, leaf, path, digest }: InclusionClaim): Uint8Array | undefined => {
  let place: Place = { node: index, last: size - 1 }
  let hash = leaf
  for (const sibling of path) {
    if (place.last === 0) return undefined
    const isRight = isRightOrLone(place)
    hash = isRight ? nodeHash(sibling, hash, digest) : nodeHash(hash, sibling, digest)
    place = parentOf(isRight ? skipLoneNodes(place) : place)
  }
  return place.last === 0 ? hash : undefined
}

const rebuildRoots = ({
  oldSize,
  newSize,
  oldRoot,
  path,
  digest,
}: ConsistencyClaim): Roots | undefined => {
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...path] : path
  if (first === undefined) return undefined
  let place: Place = { node: oldSize - 1, last: newSize - 1 }
  while (place.node % 2 === 1) place = parentOf(place)
  let roots: Roots = { old: first, new: first }
  for (const hash of rest) {
    if (place.last === 0) return undefined
    const isRight = isRightOrLone(place)
    roots = isRight
      ? { old: nodeHash(hash, roots.old, digest), new: nodeHash(hash, roots.new, digest) }
      : { old: roots.old, new: nodeHash(roots.new, hash, digest) }
    place = parentOf(isRight ? skipLoneNodes(place) : place)
  }
  return place.last === 0 ? roots : undefined
}

const isRightOrLone = ({ node, last }: Place): boolean => node % 2 === 1 || node === last

/** A node at the right edge without a sibling stands unchanged on the levels above. */
const skipLoneNodes = (place: Place): Place => {
  let risen = place
  while (risen.node % 2 === 0 && risen.node !== 0) risen = parentOf(risen)
  return risen
}

/** Sizes go beyond 2^32, so no shift operators. */
const parentOf = ({ node, last }: Place): Place => ({
  node: Math.floor(node / 2),
  last: Math.floor(last / 2),
})

const isPowerOfTwo = (n: number): boolean => {
  let rest = n
  while (rest % 2 === 0) rest /= 2
  return rest === 1
}

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

const isHash = (bytes: Uint8Array): boolean => bytes.length === digestLengthBytes

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
