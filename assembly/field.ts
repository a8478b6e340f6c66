import { BITS, MASK, SIZE, mul, sqr } from './field-mul'

/** p, and 2^522 mod p, 2^261 mod p, 1 as plain limbs. */
export const P = memory.data<i32>([
  0x1fffffff, 0x1fffffff, 0x3f, 0x1ffffe00, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fdfffff,
  0xffffff,
])
const R_SQUARED = memory.data<i32>([
  0xc00, 0x4000, 0x1fff0000, 0x17ffff, 0x400000, 0x2000000, 0, 1, 0x10,
])
export const ONE = memory.data<i32>([0x20, 0, 0x1ffff800, 0x3fff, 0, 0, 0, 0x4000000, 0])
const UNIT = memory.data<i32>([1, 0, 0, 0, 0, 0, 0, 0, 0])
const SCRATCH = memory.data(400, 8)
const T0 = SCRATCH
const T1 = SCRATCH + SIZE
const CHAIN = SCRATCH + 2 * SIZE

/** r = a + b, limb by limb, without carries. */
export function add(r: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(r + i, load<i32>(a + i) + load<i32>(b + i))
}

/** r = a - b, limb by limb, without carries. */
export function sub(r: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(r + i, load<i32>(a + i) - load<i32>(b + i))
}

export function copy(r: usize, a: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<i32>(r + i, load<i32>(a + i))
}

/** r = x a + y b for small x, y; carried, and what exceeds 2^256 folded back. */
export function combine(r: usize, a: usize, x: i64, b: usize, y: i64): void {
  let c: i64 = 0
  for (let i: usize = 0; i < 32; i += 4) {
    c += x * i64.load32_s(a + i) + y * i64.load32_s(b + i)
    i64.store32(r + i, c & MASK)
    c >>= BITS
  }
  c += x * i64.load32_s(a, 32) + y * i64.load32_s(b, 32)
  const q = <i32>(c >> 24)
  store<i32>(r, (<i32>c) & 0xffffff, 32)
  store<i32>(r, load<i32>(r) + q)
  store<i32>(r, load<i32>(r, 8) - (q << 6), 8)
  store<i32>(r, load<i32>(r, 12) + (q << 9), 12)
  store<i32>(r, load<i32>(r, 28) + (q << 21), 28)
}

/** Propagates carries; all limbs but the signed top one end in [0, 2^29). */
export function carry(r: usize): void {
  let c: i32 = 0
  for (let i: usize = 0; i < 32; i += 4) {
    c += load<i32>(r + i)
    store<i32>(r + i, c & 0x1fffffff)
    c >>= 29
  }
  store<i32>(r, load<i32>(r, 32) + c, 32)
}

/** r = a - m when that is not negative, else a; a carried. Masked, no branch. */
function subtractOnce(r: usize, m: usize): void {
  sub(T0, r, m)
  carry(T0)
  const keep = load<i32>(T0, 32) >> 31
  for (let i: usize = 0; i < 36; i += 4) {
    store<i32>(r + i, (load<i32>(r + i) & keep) | (load<i32>(T0 + i) & ~keep))
  }
}

/** r = a mod m in [0, m), for a in [-m, 2m). */
export function canonical(r: usize, a: usize, m: usize): void {
  add(r, a, m)
  carry(r)
  subtractOnce(r, m)
  subtractOnce(r, m)
}

/** -1 when all limbs are zero, else 0. */
export function zeroMask(a: usize): i32 {
  let bits: i32 = 0
  for (let i: usize = 0; i < 36; i += 4) bits |= load<i32>(a + i)
  return ~((bits | -bits) >> 31)
}

/** Leaves Montgomery form: r in [0, p). */
export function fromMontgomery(r: usize, a: usize): void {
  mul(r, a, UNIT)
  canonical(r, r, P)
}

export function toMontgomery(r: usize, a: usize): void {
  mul(r, a, R_SQUARED)
}

export function isZero(a: usize): bool {
  fromMontgomery(T1, a)
  return zeroMask(T1) != 0
}

/** Nine limbs from 256 bits little-endian; `sign` -1 negates, 0 keeps. */
export function unpack(r: usize, from: usize, sign: i32): void {
  store<i32>(r, ((load<i32>(from) & 0x1fffffff) ^ sign) - sign)
  store<i32>(r, (((<i32>(load<u64>(from, 3) >> 5)) & 0x1fffffff) ^ sign) - sign, 4)
  store<i32>(r, (((<i32>(load<u64>(from, 7) >> 2)) & 0x1fffffff) ^ sign) - sign, 8)
  store<i32>(r, (((<i32>(load<u64>(from, 10) >> 7)) & 0x1fffffff) ^ sign) - sign, 12)
  store<i32>(r, (((<i32>(load<u64>(from, 14) >> 4)) & 0x1fffffff) ^ sign) - sign, 16)
  store<i32>(r, (((<i32>(load<u64>(from, 18) >> 1)) & 0x1fffffff) ^ sign) - sign, 20)
  store<i32>(r, (((<i32>(load<u64>(from, 21) >> 6)) & 0x1fffffff) ^ sign) - sign, 24)
  store<i32>(r, (((<i32>(load<u64>(from, 24) >> 11)) & 0x1fffffff) ^ sign) - sign, 28)
  store<i32>(r, ((<i32>(load<u32>(from, 28) >> 8)) ^ sign) - sign, 32)
}

/** 256 bits little-endian from canonical limbs. */
export function pack(to: usize, a: usize): void {
  const l2 = i64.load32_u(a, 8)
  const l4 = i64.load32_u(a, 16)
  const l6 = i64.load32_u(a, 24)
  store<u64>(to, i64.load32_u(a) | (i64.load32_u(a, 4) << 29) | (l2 << 58))
  store<u64>(to, (l2 >> 6) | (i64.load32_u(a, 12) << 23) | (l4 << 52), 8)
  store<u64>(to, (l4 >> 12) | (i64.load32_u(a, 20) << 17) | (l6 << 46), 16)
  store<u64>(to, (l6 >> 18) | (i64.load32_u(a, 28) << 11) | (i64.load32_u(a, 32) << 40), 24)
}

/** Turns 32 bytes round: big-endian to little-endian and back. */
export function reverse(to: usize, from: usize): void {
  const w0 = bswap(load<u64>(from, 24))
  const w1 = bswap(load<u64>(from, 16))
  const w2 = bswap(load<u64>(from, 8))
  const w3 = bswap(load<u64>(from))
  store<u64>(to, w0)
  store<u64>(to, w1, 8)
  store<u64>(to, w2, 16)
  store<u64>(to, w3, 24)
}

function sqrTimes(r: usize, n: i32): void {
  for (let i = 0; i < n; i++) sqr(r, r)
}

/** r = 2^n-fold squaring of a, times b. */
function step(r: usize, a: usize, n: i32, b: usize): void {
  copy(T1, a)
  sqrTimes(T1, n)
  mul(r, T1, b)
}

/** r = a^(p-2), the inverse (0 for 0), by a fixed addition chain. */
export function invert(r: usize, a: usize): void {
  const x1 = CHAIN
  const x2 = CHAIN + SIZE
  const x4 = CHAIN + 2 * SIZE
  const x8 = CHAIN + 3 * SIZE
  const x16 = CHAIN + 4 * SIZE
  const x30 = CHAIN + 5 * SIZE
  const x32 = CHAIN + 6 * SIZE
  const acc = CHAIN + 7 * SIZE
  copy(x1, a)
  step(x2, x1, 1, x1)
  step(x4, x2, 2, x2)
  step(x8, x4, 4, x4)
  step(x16, x8, 8, x8)
  step(x32, x16, 16, x16)
  step(x30, x16, 8, x8)
  step(x30, x30, 4, x4)
  step(x30, x30, 2, x2)
  step(acc, x30, 1, x1)
  sqrTimes(acc, 1)
  for (let i = 0; i < 4; i++) step(acc, acc, 32, x32)
  sqrTimes(acc, 32)
  step(acc, acc, 32, x32)
  step(acc, acc, 30, x30)
  step(r, acc, 2, x1)
}

export function wipeField(): void {
  memory.fill(SCRATCH, 0, 400)
}
