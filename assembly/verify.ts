import {
  P,
  add,
  canonical,
  carry,
  combine,
  isZero,
  pack,
  sub,
  toMontgomery,
  zeroMask,
} from './field'
import { SIZE, mul, sqr } from './field-mul'
import { DIGEST, R, S, TABLES, TABLE_SIZE, X, Y } from './layout'
import { oddMultiples } from './multiply'
import { CACHED, addAffine, addCached, copyPoint, double, setAffine } from './point'
import { N, addN, fromBytes, inRangeMask, isHigh, subN } from './scalar'
import { entryAt, unpackEntry } from './table'

export const INVALID: i32 = 0
export const VALID: i32 = 1
/** The addition met equal, opposite or infinite points: decide by another way. */
export const UNDECIDED: i32 = 2

let started: bool = false
const A = memory.data(752, 8)
const LR = A
const LS = A + SIZE
const LE = A + 2 * SIZE
const LT = A + 3 * SIZE
const U = A + 4 * SIZE
const ZZ = A + 5 * SIZE
const Q = A + 6 * SIZE
const ACC = A + 8 * SIZE
const WORDS = A + 11 * SIZE
const DIGITS = WORDS + SIZE

/**
 * Whether R, S signs DIGEST: (r - e) mod n is the x of sG + tP, t = r + s. The key is that of table
 * `slot`, or with slot 0 the point X, Y, which must be on the curve.
 */
export function verify(slot: u32): i32 {
  fromBytes(LR, R)
  fromBytes(LS, S)
  fromBytes(LE, DIGEST)
  if ((inRangeMask(LR) & inRangeMask(LS)) == 0) return INVALID
  addN(LT, LR, LS)
  if (zeroMask(LT) != 0) return INVALID
  started = false
  if (slot == 0) addPlainMultiple()
  else addTableMultiple(slot, LT)
  addTableMultiple(0, LS)
  if (!started || isZero(ACC + 2 * SIZE)) return UNDECIDED
  canonical(LE, LE, N)
  subN(LR, LR, LE)
  sqr(ZZ, ACC + 2 * SIZE)
  return hasX(LR) || hasXAboveN(LR) ? VALID : INVALID
}

/** ACC + k T for the point T of a table; k is replaced by -k when that is shorter. */
function addTableMultiple(slot: u32, k: usize): void {
  const table = TABLES + <usize>slot * TABLE_SIZE
  const flip = shorten(k)
  let carried: i32 = 0
  for (let i: u32 = 0; i < 32; i++) {
    const digit = <i32>load<u8>(WORDS + i) + carried
    carried = digit > 128 ? 1 : 0
    const signed = digit - (carried << 8)
    if (signed != 0) addEntry(entryAt(table, 7, i, abs(signed)), (signed >> 31) ^ flip)
  }
}

/** WORDS = k or n - k, whichever is below 2^255, little-endian; -1 for n - k, else 0. */
function shorten(k: usize): i32 {
  const high = isHigh(k)
  if (high) subN(k, N, k)
  store<u64>(WORDS, 0, 32)
  pack(WORDS, k)
  return high ? -1 : 0
}

function addEntry(entry: usize, sign: i32): void {
  unpackEntry(Q, entry, sign)
  if (started) addAffine(ACC, Q)
  else setAffine(ACC, Q)
  started = true
}

/** ACC = t P for the point X, Y, by a width-5 non-adjacent form. */
function addPlainMultiple(): void {
  fromBytes(Q, X)
  fromBytes(Q + SIZE, Y)
  toMontgomery(Q, Q)
  toMontgomery(Q + SIZE, Q + SIZE)
  const odds = oddMultiples(Q)
  const flip = shorten(LT)
  recode()
  for (let i: i32 = 256; i >= 0; i--) {
    if (started) double(ACC)
    const digit = <i32>load<i8>(DIGITS + i)
    if (digit != 0) addOdd(odds + <usize>(abs(digit) >> 1) * CACHED, ((digit >> 31) ^ flip) != 0)
  }
}

function addOdd(odd: usize, negative: bool): void {
  if (!started) {
    copyPoint(ACC, odd)
    if (negative) combine(ACC + SIZE, ACC + SIZE, -1, ACC + SIZE, 0)
  } else addCached(ACC, odd, negative)
  started = true
}

/** DIGITS = WORDS in signed digits, odd and below 16 in magnitude, at least 5 places apart. */
function recode(): void {
  memory.fill(DIGITS, 0, 264)
  let carried: i32 = 0
  let bit: i32 = 0
  while (bit < 257) {
    const bits = (<i32>(load<u32>(WORDS + (bit >> 3)) >> (bit & 7))) & 31
    if ((bits & 1) == carried) {
      bit++
      continue
    }
    const digit = bits + carried
    carried = digit >> 4
    store<i8>(DIGITS + bit, digit - (carried << 5))
    bit += 5
  }
}

/** Whether the plain number v is the x of ACC. */
function hasX(v: usize): bool {
  toMontgomery(U, v)
  mul(U, U, ZZ)
  sub(U, U, ACC)
  return isZero(U)
}

/** An x in [n, p) is v + n. */
function hasXAboveN(v: usize): bool {
  add(v, v, N)
  carry(v)
  sub(U, v, P)
  carry(U)
  return load<i32>(U, 32) < 0 && hasX(v)
}
