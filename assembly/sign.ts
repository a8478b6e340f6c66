import { add, canonical, toMontgomery, wipeField, zeroMask } from './field'
import { SIZE } from './field-mul'
import { DIGEST, FACTOR, R, S, SCALAR, X, Y } from './layout'
import { multiplyBase, multiplyPoint, toAffine, wipeMultiply } from './multiply'
import { POINT, wipePoint } from './point'
import {
  N,
  UNIT,
  addN,
  fromBytes,
  inRangeMask,
  invertN,
  mulN,
  subN,
  toBytes,
  toMontgomeryN,
  wipeScalar,
} from './scalar'

const A = memory.data(440, 8)
const K = A
const C = A + SIZE
const E = A + 2 * SIZE
const U = A + 3 * SIZE
const V = A + 4 * SIZE
const W = A + 5 * SIZE
const Q = A + 6 * SIZE
const ACC = A + 8 * SIZE

/**
 * R, S = the signature of DIGEST with the nonce SCALAR and FACTOR = 1/(1 + d) mod n: r = e + x(kG),
 * s = FACTOR (k + r) - r, which is FACTOR (k - r d). 1 when done; 0 when this nonce must not be used.
 */
export function sign(): i32 {
  fromBytes(K, SCALAR)
  fromBytes(C, FACTOR)
  fromBytes(E, DIGEST)
  let good = inRangeMask(K) & inRangeMask(C)
  multiplyBase(ACC, K)
  good &= toAffine(U, V, ACC)
  canonical(E, E, N)
  canonical(U, U, N)
  addN(U, U, E)
  addN(V, U, K)
  good &= ~zeroMask(U) & ~zeroMask(V)
  toMontgomeryN(C, C)
  mulN(W, C, V)
  subN(W, W, U)
  good &= ~zeroMask(W)
  toBytes(R, U)
  toBytes(S, W)
  return finish(good)
}

/** FACTOR = 1/(1 + d) mod n and X, Y = d G for d = SCALAR in [1, n-2]; 0 when d is not. */
export function prepareKey(): i32 {
  fromBytes(K, SCALAR)
  add(U, K, UNIT)
  let good = inRangeMask(K) & inRangeMask(U)
  canonical(U, U, N)
  invertN(C, U)
  mulN(C, C, UNIT)
  toBytes(FACTOR, C)
  multiplyBase(ACC, K)
  good &= toAffine(U, V, ACC)
  toBytes(X, U)
  toBytes(Y, V)
  return finish(good)
}

/** X, Y = SCALAR times the point X, Y, which must be on the curve; 0 when SCALAR is not in [1, n-1]. */
export function multiply(): i32 {
  fromBytes(K, SCALAR)
  fromBytes(Q, X)
  fromBytes(Q + SIZE, Y)
  toMontgomery(Q, Q)
  toMontgomery(Q + SIZE, Q + SIZE)
  let good = inRangeMask(K)
  multiplyPoint(ACC, K, Q)
  good &= toAffine(U, V, ACC)
  toBytes(X, U)
  toBytes(Y, V)
  return finish(good)
}

/** Leaves nothing of a secret in memory but the results. */
function finish(good: i32): i32 {
  memory.fill(A, 0, 440)
  memory.fill(SCALAR, 0, 32)
  wipeField()
  wipePoint()
  wipeScalar()
  wipeMultiply()
  return good & 1
}
