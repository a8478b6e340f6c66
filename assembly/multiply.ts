import { fromMontgomery, invert, zeroMask } from './field'
import { SIZE, mul, sqr } from './field-mul'
import { SIGN_TABLE } from './layout'
import { CACHED, POINT, addAffine, addCached, cache, copyPoint, double, setAffine } from './point'
import { N, subN } from './scalar'
import { ENTRY, unpackEntry } from './table'

/**
 * Multiplication by secrets: always the same instructions, always the same addresses. A scalar is made
 * odd (k or n - k), then (k + 2^(w L) - 1) / 2 is cut into L digits u of w bits; each stands for the odd
 * digit 2u + 1 - 2^w, so there is no zero digit to skip. Every table entry is read for every digit.
 */
const ODD = memory.data(2312, 8)
const BITS256 = ODD + SIZE
const PICKED = BITS256 + 48
const Q = PICKED + 64
const Z1 = Q + 2 * SIZE
const Z2 = Z1 + SIZE
const CACHED_Q = Z2 + SIZE
const TWICE = CACHED_Q + CACHED
const ODDS = TWICE + CACHED
const WINDOWS = 43

/** acc = k G for k in [1, n). */
export function multiplyBase(acc: usize, k: usize): void {
  const negative = recode(k, 257)
  pickBase(WINDOWS - 1)
  setAffine(acc, Q)
  for (let i = WINDOWS - 2; i >= 0; i--) {
    pickBase(i)
    addAffine(acc, Q)
  }
  negateMasked(acc + SIZE, negative)
}

/** acc = k P for k in [1, n) and the affine point at `p`. */
export function multiplyPoint(acc: usize, k: usize, p: usize): void {
  const negative = recode(k, 255)
  oddMultiples(p)
  pickOdd(63)
  memory.copy(acc, CACHED_Q, POINT)
  for (let i = 62; i >= 0; i--) {
    for (let j = 0; j < 4; j++) double(acc)
    pickOdd(i)
    addCached(acc, CACHED_Q, false)
  }
  negateMasked(acc + SIZE, negative)
}

/** x and y of a point as canonical plain limbs; -1 when the point is finite, else 0. */
export function toAffine(x: usize, y: usize, p: usize): i32 {
  invert(Z1, p + 2 * SIZE)
  sqr(Z2, Z1)
  mul(x, p, Z2)
  mul(Z2, Z2, Z1)
  mul(y, p + SIZE, Z2)
  fromMontgomery(x, x)
  fromMontgomery(y, y)
  fromMontgomery(Z1, Z1)
  return ~zeroMask(Z1)
}

/** The odd multiples 1, 3, .. 15 of an affine point, CACHED, at the address returned. */
export function oddMultiples(p: usize): usize {
  setAffine(ODDS, p)
  cache(ODDS)
  memory.copy(TWICE, ODDS, POINT)
  double(TWICE)
  cache(TWICE)
  for (let i: usize = 1; i < 8; i++) {
    const at = ODDS + i * CACHED
    copyPoint(at, at - CACHED)
    addCached(at, TWICE, false)
    cache(at)
  }
  return ODDS
}

/** BITS256 = 2^top + (the odd one of k, n - k) / 2; -1 when it was n - k, else 0. */
function recode(k: usize, top: usize): i32 {
  const even = (load<i32>(k) & 1) - 1
  subN(ODD, N, k)
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(ODD + i, (load<i32>(ODD + i) & even) | (load<i32>(k + i) & ~even))
  }
  for (let i: usize = 0; i < 32; i += 4) {
    const next = load<i32>(ODD + i, 4) << 28
    store<i32>(ODD + i, ((load<i32>(ODD + i) >> 1) | next) & 0x1fffffff)
  }
  store<i32>(ODD, load<i32>(ODD, 32) >> 1, 32)
  packHalf()
  const at = BITS256 + (top >> 3)
  store<u32>(at, load<u32>(at) | (1 << ((<u32>top) & 7)))
  return even
}

function packHalf(): void {
  memory.fill(BITS256, 0, 48)
  for (let i: usize = 0; i < 9; i++) {
    const bit = i * 29
    const at = BITS256 + (bit >> 3)
    store<u64>(at, load<u64>(at) | (i64.load32_u(ODD + (i << 2)) << (bit & 7)))
  }
}

/** Q = the entry of window i that its digit names, negated when the digit is negative. */
function pickBase(i: i32): void {
  const bit = i * 6
  const digit = (<i32>(load<u32>(BITS256 + (bit >> 3)) >> (bit & 7))) & 63
  const sign = (digit >> 5) - 1
  const wanted = (digit ^ sign) & 31
  const row = SIGN_TABLE + <usize>i * 32 * ENTRY
  memory.fill(PICKED, 0, ENTRY)
  for (let j = 0; j < 32; j++) pickEntry(row + <usize>j * ENTRY, <i64>(((j ^ wanted) - 1) >> 31))
  unpackEntry(Q, PICKED, sign)
}

function pickEntry(entry: usize, mask: i64): void {
  for (let i: usize = 0; i < ENTRY; i += 8) {
    store<i64>(PICKED + i, load<i64>(PICKED + i) | (load<i64>(entry + i) & mask))
  }
}

/** CACHED_Q = the odd multiple that digit i names, negated when the digit is negative. */
function pickOdd(i: i32): void {
  const digit = (<i32>(load<u8>(BITS256 + (i >> 1)) >> ((i & 1) << 2))) & 15
  const sign = (digit >> 3) - 1
  const wanted = (digit ^ sign) & 7
  memory.fill(CACHED_Q, 0, CACHED)
  for (let j = 0; j < 8; j++) {
    const mask = <i64>(((j ^ wanted) - 1) >> 31)
    const from = ODDS + <usize>j * CACHED
    for (let at: usize = 0; at < CACHED; at += 8) {
      store<i64>(CACHED_Q + at, load<i64>(CACHED_Q + at) | (load<i64>(from + at) & mask))
    }
  }
  negateMasked(CACHED_Q + SIZE, sign)
}

function negateMasked(a: usize, mask: i32): void {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(a + i, (load<i32>(a + i) ^ mask) - mask)
}

export function wipeMultiply(): void {
  memory.fill(ODD, 0, 2312)
}
