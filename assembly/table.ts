import { ONE, P, canonical, combine, invert, pack, sub, unpack } from './field'
import { SIZE, mul, sqr } from './field-mul'
import { DENOMINATORS, PREFIXES } from './layout'
import { POINT, copyPoint, double, setAffine } from './point'

/** A packed affine point: x and y, 32 bytes little-endian each, in Montgomery form. */
export const ENTRY: usize = 64
const RUNNING = memory.data(120, 8)
const M = memory.data(80, 8)
const J = memory.data(80, 8)
const S = memory.data(40, 8)
const T = memory.data(40, 8)
const X3 = memory.data(40, 8)
const INVERSE = memory.data(40, 8)
const TOTAL = memory.data(40, 8)

/**
 * Fills `table` with j * 2^(width * i) * B, 1 <= j <= 2^depth, 0 <= i < windows, for the affine point at
 * `base`; entry (i, j) stands at entryAt. All additions of one doubling step share one inversion.
 * B has order n, so no denominator is zero.
 */
export function buildTable(table: usize, base: usize, width: u32, depth: u32, windows: u32): void {
  buildBases(table, base, width, depth, windows)
  for (let m: u32 = 1; m < 1 << depth; m <<= 1) doubleMultiples(table, depth, windows, m)
}

export function entryAt(table: usize, depth: u32, window: u32, multiple: u32): usize {
  return table + <usize>((window << depth) + multiple - 1) * ENTRY
}

export function unpackEntry(q: usize, entry: usize, sign: i32): void {
  unpack(q, entry, 0)
  unpack(q + SIZE, entry + 32, sign)
}

function packEntry(entry: usize, x: usize, y: usize): void {
  canonical(T, x, P)
  pack(entry, T)
  canonical(T, y, P)
  pack(entry + 32, T)
}

function buildBases(table: usize, base: usize, width: u32, depth: u32, windows: u32): void {
  setAffine(RUNNING, base)
  for (let i: u32 = 0; i < windows; i++) {
    copyPoint(DENOMINATORS + <usize>i * POINT, RUNNING)
    prefix(i, DENOMINATORS + <usize>i * POINT + 2 * SIZE)
    for (let k: u32 = 0; k < width; k++) double(RUNNING)
  }
  invert(INVERSE, PREFIXES + <usize>(windows - 1) * SIZE)
  for (let i: i32 = windows - 1; i >= 0; i--) {
    const p = DENOMINATORS + <usize>i * POINT
    takeInverse(i, p + 2 * SIZE)
    sqr(T, S)
    mul(p, p, T)
    mul(T, T, S)
    mul(p + SIZE, p + SIZE, T)
    packEntry(entryAt(table, depth, i, 1), p, p + SIZE)
  }
}

/** Appends a factor to the running product of PREFIXES. */
function prefix(i: u32, factor: usize): void {
  const at = PREFIXES + <usize>i * SIZE
  if (i == 0) mul(at, factor, ONE)
  else mul(at, factor, at - SIZE)
}

/** S = 1/factor i, when INVERSE holds the inverse of the product of the factors 0..i. */
function takeInverse(i: i32, factor: usize): void {
  if (i == 0) {
    mul(S, INVERSE, ONE)
    return
  }
  mul(S, INVERSE, PREFIXES + <usize>(i - 1) * SIZE)
  mul(INVERSE, INVERSE, factor)
}

/** From the multiples 1..m of each window to 1..2m, by adding m. */
function doubleMultiples(table: usize, depth: u32, windows: u32, m: u32): void {
  let index: u32 = 0
  for (let i: u32 = 0; i < windows; i++) {
    unpackEntry(M, entryAt(table, depth, i, m), 0)
    for (let j: u32 = 1; j <= m; j++) {
      const at = DENOMINATORS + <usize>index * SIZE
      unpackEntry(J, entryAt(table, depth, i, j), 0)
      if (j < m) sub(at, J, M)
      else combine(at, M + SIZE, 2, M, 0)
      prefix(index++, at)
    }
  }
  invert(INVERSE, PREFIXES + <usize>(index - 1) * SIZE)
  for (let i: i32 = windows - 1; i >= 0; i--) {
    unpackEntry(M, entryAt(table, depth, i, m), 0)
    for (let j = m; j >= 1; j--) {
      index--
      takeInverse(index, DENOMINATORS + <usize>index * SIZE)
      unpackEntry(J, entryAt(table, depth, i, j), 0)
      if (j < m) sub(T, J + SIZE, M + SIZE)
      else tangent()
      addAlong(entryAt(table, depth, i, m + j))
    }
  }
}

/** T = 3 x^2 - 3 of M, the numerator of its tangent. */
function tangent(): void {
  sqr(T, M)
  combine(T, T, 3, ONE, -3)
}

/** The third point on the line through M and J of slope T * S, mirrored. */
function addAlong(entry: usize): void {
  mul(S, S, T)
  sqr(X3, S)
  sub(X3, X3, M)
  combine(X3, X3, 1, J, -1)
  sub(T, M, X3)
  mul(S, S, T)
  combine(TOTAL, S, 1, M + SIZE, -1)
  packEntry(entry, X3, TOTAL)
}
