/**
 * The field of SM2, p = 2^256 - 2^224 - 2^96 + 2^64 - 1.
 *
 * An element is nine signed limbs of 29 bits (i32, little-endian, stride SIZE) in Montgomery form with
 * R = 2^261. Because p = -1 mod 2^29 and its other terms are single powers of two, the Montgomery
 * quotient digit is the low limb itself and its multiple of p is four shifts; R leaves 5 spare bits, so
 * no operation needs a conditional subtraction. Nothing here branches or indexes on a value.
 *
 * Bounds: `mul` and `sqr` give limbs in [0, 2^29) and a value in (-p, 2p); `combine` gives limbs within
 * 2^26 of that range and a value within 2^230 of [0, 2^256). `add` and `sub` do not carry. The factors of
 * a product may have limbs up to 2^29.9 in magnitude each (9 * 2^59.8 < 2^63), one of them up to 2^30.5 if
 * the other is below 2^29.2.
 */
export const SIZE: usize = 40
export const BITS: i64 = 29
export const MASK: i64 = 0x1fffffff

/** r = a * b / R mod p. */
export function mul(r: usize, a: usize, b: usize): void {
  const a0 = i64.load32_s(a, 0)
  const a1 = i64.load32_s(a, 4)
  const a2 = i64.load32_s(a, 8)
  const a3 = i64.load32_s(a, 12)
  const a4 = i64.load32_s(a, 16)
  const a5 = i64.load32_s(a, 20)
  const a6 = i64.load32_s(a, 24)
  const a7 = i64.load32_s(a, 28)
  const a8 = i64.load32_s(a, 32)
  const b0 = i64.load32_s(b, 0)
  const b1 = i64.load32_s(b, 4)
  const b2 = i64.load32_s(b, 8)
  const b3 = i64.load32_s(b, 12)
  const b4 = i64.load32_s(b, 16)
  const b5 = i64.load32_s(b, 20)
  const b6 = i64.load32_s(b, 24)
  const b7 = i64.load32_s(b, 28)
  const b8 = i64.load32_s(b, 32)
  let c: i64 = a0 * b0
  const m0 = c & MASK
  c = (c >> BITS) + a0 * b1 + a1 * b0
  const m1 = c & MASK
  c = (c >> BITS) + a0 * b2 + a1 * b1 + a2 * b0 + (m0 << 6)
  const m2 = c & MASK
  c = (c >> BITS) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + (m1 << 6) - (m0 << 9)
  const m3 = c & MASK
  c = (c >> BITS) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + (m2 << 6) - (m1 << 9)
  const m4 = c & MASK
  c = (c >> BITS) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + (m3 << 6) -
    (m2 << 9)
  const m5 = c & MASK
  c = (c >> BITS) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 +
    (m4 << 6) - (m3 << 9)
  const m6 = c & MASK
  c = (c >> BITS) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 +
    (m5 << 6) - (m4 << 9) - (m0 << 21)
  const m7 = c & MASK
  c = (c >> BITS) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 +
    a8 * b0 + (m6 << 6) - (m5 << 9) - (m1 << 21) + (m0 << 24)
  const m8 = c & MASK
  c = (c >> BITS) + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 +
    (m7 << 6) - (m6 << 9) - (m2 << 21) + (m1 << 24)
  i64.store32(r, c & MASK, 0)
  c = (c >> BITS) + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 +
    (m8 << 6) - (m7 << 9) - (m3 << 21) + (m2 << 24)
  i64.store32(r, c & MASK, 4)
  c = (c >> BITS) + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 - (m8 << 9) -
    (m4 << 21) + (m3 << 24)
  i64.store32(r, c & MASK, 8)
  c = (c >> BITS) + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 - (m5 << 21) + (m4 << 24)
  i64.store32(r, c & MASK, 12)
  c = (c >> BITS) + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 - (m6 << 21) + (m5 << 24)
  i64.store32(r, c & MASK, 16)
  c = (c >> BITS) + a6 * b8 + a7 * b7 + a8 * b6 - (m7 << 21) + (m6 << 24)
  i64.store32(r, c & MASK, 20)
  c = (c >> BITS) + a7 * b8 + a8 * b7 - (m8 << 21) + (m7 << 24)
  i64.store32(r, c & MASK, 24)
  c = (c >> BITS) + a8 * b8 + (m8 << 24)
  i64.store32(r, c & MASK, 28)
  i64.store32(r, c >> BITS, 32)
}

/** r = a * a / R mod p. */
export function sqr(r: usize, a: usize): void {
  const a0 = i64.load32_s(a, 0)
  const a1 = i64.load32_s(a, 4)
  const a2 = i64.load32_s(a, 8)
  const a3 = i64.load32_s(a, 12)
  const a4 = i64.load32_s(a, 16)
  const a5 = i64.load32_s(a, 20)
  const a6 = i64.load32_s(a, 24)
  const a7 = i64.load32_s(a, 28)
  const a8 = i64.load32_s(a, 32)
  const d0 = a0 << 1
  const d1 = a1 << 1
  const d2 = a2 << 1
  const d3 = a3 << 1
  const d4 = a4 << 1
  const d5 = a5 << 1
  const d6 = a6 << 1
  const d7 = a7 << 1
  let c: i64 = a0 * a0
  const m0 = c & MASK
  c = (c >> BITS) + d0 * a1
  const m1 = c & MASK
  c = (c >> BITS) + d0 * a2 + a1 * a1 + (m0 << 6)
  const m2 = c & MASK
  c = (c >> BITS) + d0 * a3 + d1 * a2 + (m1 << 6) - (m0 << 9)
  const m3 = c & MASK
  c = (c >> BITS) + d0 * a4 + d1 * a3 + a2 * a2 + (m2 << 6) - (m1 << 9)
  const m4 = c & MASK
  c = (c >> BITS) + d0 * a5 + d1 * a4 + d2 * a3 + (m3 << 6) - (m2 << 9)
  const m5 = c & MASK
  c = (c >> BITS) + d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + (m4 << 6) - (m3 << 9)
  const m6 = c & MASK
  c = (c >> BITS) + d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + (m5 << 6) - (m4 << 9) - (m0 << 21)
  const m7 = c & MASK
  c = (c >> BITS) + d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + (m6 << 6) - (m5 << 9) -
    (m1 << 21) + (m0 << 24)
  const m8 = c & MASK
  c = (c >> BITS) + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + (m7 << 6) - (m6 << 9) - (m2 << 21) +
    (m1 << 24)
  i64.store32(r, c & MASK, 0)
  c = (c >> BITS) + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + (m8 << 6) - (m7 << 9) - (m3 << 21) +
    (m2 << 24)
  i64.store32(r, c & MASK, 4)
  c = (c >> BITS) + d3 * a8 + d4 * a7 + d5 * a6 - (m8 << 9) - (m4 << 21) + (m3 << 24)
  i64.store32(r, c & MASK, 8)
  c = (c >> BITS) + d4 * a8 + d5 * a7 + a6 * a6 - (m5 << 21) + (m4 << 24)
  i64.store32(r, c & MASK, 12)
  c = (c >> BITS) + d5 * a8 + d6 * a7 - (m6 << 21) + (m5 << 24)
  i64.store32(r, c & MASK, 16)
  c = (c >> BITS) + d6 * a8 + a7 * a7 - (m7 << 21) + (m6 << 24)
  i64.store32(r, c & MASK, 20)
  c = (c >> BITS) + d7 * a8 - (m8 << 21) + (m7 << 24)
  i64.store32(r, c & MASK, 24)
  c = (c >> BITS) + a8 * a8 + (m8 << 24)
  i64.store32(r, c & MASK, 28)
  i64.store32(r, c >> BITS, 32)
}
