import { add, canonical, carry, copy, pack, reverse, sub, unpack, zeroMask } from './field'
import { MASK, SIZE } from './field-mul'

/**
 * Numbers modulo the group order n, in the limbs of the field. Every function runs in a time that does
 * not depend on the numbers.
 */
export const N = memory.data<i32>([
  0x19d54123, 0x1ddfa049, 0x11814ad4, 0x7bed643, 0x1ffff720, 0x1fffffff, 0x1fffffff, 0x1fdfffff,
  0xffffff,
])
const N_MINUS_2 = memory.data<i32>([
  0x19d54121, 0x1ddfa049, 0x11814ad4, 0x7bed643, 0x1ffff720, 0x1fffffff, 0x1fffffff, 0x1fdfffff,
  0xffffff,
])
const R_SQUARED = memory.data<i32>([
  0x159b7552, 0x15c38c55, 0xb5ce697, 0x1164d74c, 0x151153b6, 0x1875ffc1, 0x1620fc84, 0x559e9d,
  0xd7904b,
])
export const UNIT = memory.data<i32>([1, 0, 0, 0, 0, 0, 0, 0, 0])
const N_INVERSE: i64 = 0x12350975
const COLUMNS = memory.data(264, 8)
const BYTES = COLUMNS + 152
const BASE = BYTES + 32
const D = BASE + SIZE

/** Limbs of 32 big-endian bytes. */
export function fromBytes(r: usize, bytes: usize): void {
  reverse(BYTES, bytes)
  unpack(r, BYTES, 0)
}

/** 32 big-endian bytes of canonical limbs. */
export function toBytes(bytes: usize, a: usize): void {
  pack(BYTES, a)
  reverse(bytes, BYTES)
}

/** -1 when 1 <= a < n, else 0. */
export function inRangeMask(a: usize): i32 {
  sub(D, a, N)
  carry(D)
  return (load<i32>(D, 32) >> 31) & ~zeroMask(a)
}

/** r = a + b mod n, for a in [0, n) and b in [-n, n]. */
export function addN(r: usize, a: usize, b: usize): void {
  add(r, a, b)
  canonical(r, r, N)
}

/** r = a - b mod n, for a, b in [0, n]. */
export function subN(r: usize, a: usize, b: usize): void {
  sub(r, a, b)
  canonical(r, r, N)
}

/** r = a * b / 2^261 mod n, for a, b in [0, n). */
export function mulN(r: usize, a: usize, b: usize): void {
  memory.fill(COLUMNS, 0, 152)
  for (let i: usize = 0; i < 9; i++) {
    const x = i64.load32_s(a + (i << 2))
    for (let j: usize = 0; j < 9; j++) {
      const column = COLUMNS + ((i + j) << 3)
      store<i64>(column, load<i64>(column) + x * i64.load32_s(b + (j << 2)))
    }
  }
  for (let i: usize = 0; i < 9; i++) reduceColumn(COLUMNS + (i << 3))
  let c: i64 = 0
  for (let i: usize = 0; i < 9; i++) {
    c += load<i64>(COLUMNS + (i << 3), 72)
    i64.store32(r + (i << 2), c & MASK)
    c >>= 29
  }
  canonical(r, r, N)
}

function reduceColumn(column: usize): void {
  const m = (load<i64>(column) * N_INVERSE) & MASK
  for (let j: usize = 0; j < 9; j++) {
    const at = column + (j << 3)
    store<i64>(at, load<i64>(at) + m * i64.load32_s(N + (j << 2)))
  }
  store<i64>(column, load<i64>(column, 8) + (load<i64>(column) >> 29), 8)
}

export function toMontgomeryN(r: usize, a: usize): void {
  mulN(r, a, R_SQUARED)
}

/** r = 1/a mod n = a^(n-2) for plain a, result in Montgomery form; only the exponent decides. */
export function invertN(r: usize, a: usize): void {
  toMontgomeryN(BASE, a)
  copy(r, BASE)
  for (let limb: i32 = 8; limb >= 0; limb--) {
    const exponent = load<i32>(N_MINUS_2 + (limb << 2))
    for (let bit = limb == 8 ? 22 : 28; bit >= 0; bit--) {
      mulN(r, r, r)
      if (((exponent >> bit) & 1) != 0) mulN(r, r, BASE)
    }
  }
}

/** True when a >= 2^255. */
export function isHigh(a: usize): bool {
  return load<i32>(a, 32) >> 23 != 0
}

export function wipeScalar(): void {
  memory.fill(COLUMNS, 0, 264)
}
