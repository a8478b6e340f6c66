import { ONE, add, combine, copy, sub } from './field'
import { SIZE, mul, sqr } from './field-mul'

/**
 * Points of y^2 = x^3 - 3x + b in Jacobian form: X, Y, Z, each SIZE bytes.
 *
 * The additions are the ordinary incomplete ones. For equal, opposite or infinite operands they give
 * Z = 0, and every later step keeps Z = 0; whoever calls checks Z once, at the end.
 */
export const POINT: usize = 3 * SIZE
/** A point with Z^2 and Z^3 beside it. */
export const CACHED: usize = 5 * SIZE
const S = memory.data(440, 8)
const T = S + SIZE
const H = S + 2 * SIZE
const HH = S + 3 * SIZE
const HHH = S + 4 * SIZE
const V = S + 5 * SIZE
const U = S + 6 * SIZE
const W = S + 7 * SIZE
const A = S + 8 * SIZE
const B = S + 9 * SIZE
const C = S + 10 * SIZE

/** p = the affine point at q (x, y). */
export function setAffine(p: usize, q: usize): void {
  copy(p, q)
  copy(p + SIZE, q + SIZE)
  copy(p + 2 * SIZE, ONE)
}

export function copyPoint(r: usize, p: usize): void {
  memory.copy(r, p, POINT)
}

/** p = 2p. */
export function double(p: usize): void {
  const x = p
  const y = p + SIZE
  const z = p + 2 * SIZE
  sqr(A, z)
  sqr(B, y)
  mul(C, x, B)
  sub(S, x, A)
  add(T, x, A)
  mul(S, S, T)
  combine(S, S, 3, S, 0)
  add(z, z, z)
  mul(z, y, z)
  sqr(T, S)
  combine(x, T, 1, C, -8)
  combine(C, C, 4, x, -1)
  mul(T, S, C)
  sqr(B, B)
  combine(y, T, 1, B, -8)
}

/** p = p + q for an affine q (x, y). */
export function addAffine(p: usize, q: usize): void {
  const z = p + 2 * SIZE
  sqr(A, z)
  mul(B, z, A)
  mul(H, q, A)
  mul(W, q + SIZE, B)
  sub(H, H, p)
  sub(W, W, p + SIZE)
  mul(z, z, H)
  finish(p, p, p + SIZE)
}

/** p = p + q for a q with Z^2 and Z^3 (CACHED); `negative` subtracts. */
export function addCached(p: usize, q: usize, negative: bool): void {
  const z = p + 2 * SIZE
  sqr(A, z)
  mul(B, z, A)
  mul(H, q, A)
  mul(W, q + SIZE, B)
  if (negative) combine(W, W, -1, W, 0)
  mul(U, p, q + 3 * SIZE)
  mul(C, p + SIZE, q + 4 * SIZE)
  sub(H, H, U)
  sub(W, W, C)
  mul(z, z, q + 2 * SIZE)
  mul(z, z, H)
  finish(p, U, C)
}

/** X and Y of a sum from H = U2 - U1, W = S2 - S1, and U1, S1 at u, s. */
function finish(p: usize, u: usize, s: usize): void {
  sqr(HH, H)
  mul(HHH, H, HH)
  mul(V, u, HH)
  mul(S, s, HHH)
  sqr(T, W)
  sub(T, T, HHH)
  combine(p, T, 1, V, -2)
  sub(V, V, p)
  mul(T, W, V)
  combine(p + SIZE, T, 1, S, -1)
}

/** Fills Z^2 and Z^3 of a CACHED point. */
export function cache(q: usize): void {
  sqr(q + 3 * SIZE, q + 2 * SIZE)
  mul(q + 4 * SIZE, q + 3 * SIZE, q + 2 * SIZE)
}

export function wipePoint(): void {
  memory.fill(S, 0, 440)
}
