import { newUuidV7, type RandomBytes } from '../contract/uuid.ts'

/**
 * Ascending licence ids for one page, all after the last id of the page before: the order of ids is the
 * order of rows, whatever the clock does between two pages.
 */
export const newLicenceIds = (
  count: number,
  { nowMs, after, random }: { nowMs: number; after: string | null; random: RandomBytes },
): readonly string[] => {
  const ms = Math.max(nowMs, after === null ? 0 : millisecondsOf(after) + 1)
  return Array.from({ length: count }, () => newUuidV7(ms, random)).sort()
}

/** The 48 bits of time in a UUIDv7. */
const millisecondsOf = (uuid: string): number =>
  Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)
