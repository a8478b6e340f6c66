import { BLOCKS, IO } from './layout'

/**
 * GHASH by integer multiplication with holes (the method of T. Pornin's BearSSL): every fourth bit is
 * multiplied apart, so that carries die in the gaps. No tables, no branches on data.
 */
const ONES: u64 = 0x1111111111111111

/** The state at IO (16 bytes) after `blocks` blocks of BLOCKS, with the key H at IO + 16. */
export function ghash(blocks: u32): void {
  let y1 = bswap(load<u64>(IO))
  let y0 = bswap(load<u64>(IO, 8))
  const h1 = bswap(load<u64>(IO, 16))
  const h0 = bswap(load<u64>(IO, 24))
  const h2 = h0 ^ h1
  const h0r = reverseBits(h0)
  const h1r = reverseBits(h1)
  const h2r = h0r ^ h1r
  const end = BLOCKS + (<usize>blocks << 4)
  for (let at = BLOCKS; at < end; at += 16) {
    y1 ^= bswap(load<u64>(at))
    y0 ^= bswap(load<u64>(at, 8))
    const y0r = reverseBits(y0)
    const y1r = reverseBits(y1)
    const low = multiply(y0, h0)
    const high = multiply(y1, h1)
    const middle = multiply(y0 ^ y1, h2) ^ low ^ high
    const lowTop = multiply(y0r, h0r)
    const highTop = multiply(y1r, h1r)
    const middleTop = multiply(y0r ^ y1r, h2r) ^ lowTop ^ highTop
    let v0 = low
    let v1 = (reverseBits(lowTop) >> 1) ^ middle
    let v2 = high ^ (reverseBits(middleTop) >> 1)
    let v3 = reverseBits(highTop) >> 1
    v3 = (v3 << 1) | (v2 >> 63)
    v2 = (v2 << 1) | (v1 >> 63)
    v1 = (v1 << 1) | (v0 >> 63)
    v0 = v0 << 1
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7)
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57)
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7)
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57)
    y0 = v2
    y1 = v3
  }
  store<u64>(IO, bswap(y1))
  store<u64>(IO, bswap(y0), 8)
}

/** The low 64 bits of the carry-less product. */
// @ts-ignore: decorator
@inline
function multiply(x: u64, y: u64): u64 {
  const x0 = x & ONES
  const x1 = x & (ONES << 1)
  const x2 = x & (ONES << 2)
  const x3 = x & (ONES << 3)
  const y0 = y & ONES
  const y1 = y & (ONES << 1)
  const y2 = y & (ONES << 2)
  const y3 = y & (ONES << 3)
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)
  return (z0 & ONES) | (z1 & (ONES << 1)) | (z2 & (ONES << 2)) | (z3 & (ONES << 3))
}

// @ts-ignore: decorator
@inline
function reverseBits(x: u64): u64 {
  x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555)
  x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333)
  x = ((x & 0x0f0f0f0f0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f0f0f0f0f)
  return bswap(x)
}
