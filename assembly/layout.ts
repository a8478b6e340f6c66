/** Inputs and outputs: numbers of 32 big-endian bytes. */
export const IO = memory.data(256, 64)
export const DIGEST = IO
export const R = IO + 32
export const S = IO + 64
export const X = IO + 96
export const Y = IO + 128
export const SCALAR = IO + 160
export const FACTOR = IO + 192

/** Above the static data: scratch of the table builder, then the tables, 64-byte aligned. */
const BASE: usize = (__heap_base + 63) & ~63
/** 32 KB of input for GHASH. */
export const BLOCKS: usize = BASE
/** Up to 2,048 denominators and their running products. */
export const DENOMINATORS: usize = BLOCKS + 32768
export const PREFIXES: usize = DENOMINATORS + 2048 * 40
/** Odd multiples of G for signing: 43 windows of 6 bits, 32 entries each. */
export const SIGN_TABLE: usize = PREFIXES + 2048 * 40
/** Multiples of G, then of each known key: 32 windows of 8 bits, 128 entries each. */
export const TABLES: usize = SIGN_TABLE + 43 * 32 * 64
export const TABLE_SIZE: usize = 32 * 128 * 64

/** Grows the memory so that it ends at or after `end`; false when the engine refuses. */
export function reserve(end: usize): bool {
  const missing = <i32>((end + 65535) >> 16) - memory.size()
  return missing <= 0 || memory.grow(missing) >= 0
}
