import { fromBytes } from './scalar'
import { toMontgomery } from './field'
import { SIZE } from './field-mul'
import { BLOCKS, IO, SIGN_TABLE, TABLES, TABLE_SIZE, X, Y, reserve } from './layout'
import { ENTRY, buildTable, entryAt } from './table'

export { multiply, prepareKey, sign } from './sign'
export { verify } from './verify'
export { ghash } from './ghash'

const POINT = memory.data(80, 8)

/** Address of the numbers, and of the GHASH input. */
export function io(): usize {
  return IO
}

export function blocks(): usize {
  return BLOCKS
}

/** Builds the tables of the generator, whose coordinates stand at X, Y; false when memory is refused. */
export function start(): bool {
  if (!reserve(TABLES + TABLE_SIZE)) return false
  loadPoint()
  buildTable(TABLES, POINT, 6, 6, 43)
  for (let i: u32 = 0; i < 43; i++) {
    for (let j: u32 = 0; j < 32; j++) {
      memory.copy(SIGN_TABLE + <usize>(i * 32 + j) * ENTRY, entryAt(TABLES, 6, i, 2 * j + 1), ENTRY)
    }
  }
  buildTable(TABLES, POINT, 8, 7, 32)
  return true
}

/** Builds table `slot` (1 and up) of the key X, Y, which must be on the curve. */
export function buildKey(slot: usize): bool {
  if (!reserve(TABLES + (slot + 1) * TABLE_SIZE)) return false
  loadPoint()
  buildTable(TABLES + slot * TABLE_SIZE, POINT, 8, 7, 32)
  return true
}

function loadPoint(): void {
  fromBytes(POINT, X)
  fromBytes(POINT + SIZE, Y)
  toMontgomery(POINT, POINT)
  toMontgomery(POINT + SIZE, POINT + SIZE)
}
