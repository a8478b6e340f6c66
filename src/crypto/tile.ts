import { CryptoError } from './crypto-error.ts'
import { digestLengthBytes } from './digest.ts'

/** Hashes, or entries, in a full tile (C2SP tlog-tiles). */
export const tileWidth = 256

export type Tile = {
  /** 0 for leaf hashes, n for roots of full tiles of level n - 1, or the entry bundles themselves. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 to 256. */
  readonly width: number
}

/** `tile/<L>/<N>[.p/<W>]`, below the log's prefix. */
export const tilePath = ({ level, index, width }: Tile): string =>
  `tile/${String(level)}/${indexPath(index)}${width < tileWidth ? `.p/${String(width)}` : ''}`

/** Reads the one path that tilePath writes for a tile; undefined for anything else. */
export const parseTilePath = (path: string): Tile | undefined => {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  const [, level, index, width] = parts ?? []
  if (level === undefined || index === undefined) return undefined
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  }
  return isTile(tile) && tilePath(tile) === path ? tile : undefined
}

/** Width of the last, partial tile of a level (0 when there is none) in a tree of this size. */
export const partialWidth = (level: number, size: number): number =>
  Math.floor(size / tileWidth ** level) % tileWidth

/**
 * The hashes of a tile.
 * @throws CryptoError tile_malformed
 */
export const readHashTile = (bytes: Uint8Array, width: number): Uint8Array[] => {
  if (bytes.length !== width * digestLengthBytes)
    throw new CryptoError('tile_malformed', 'length is not that of the tile')
  return Array.from({ length: width }, (_, n) =>
    bytes.subarray(n * digestLengthBytes, (n + 1) * digestLengthBytes),
  )
}

/**
 * The entries of a bundle, each behind its length in two bytes.
 * @throws CryptoError tile_malformed
 */
export const readEntryBundle = (bytes: Uint8Array, width: number): Uint8Array[] => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < view.length) {
    const start = at + 2
    const end = start > view.length ? Number.POSITIVE_INFINITY : start + view.readUInt16BE(at)
    if (end > view.length) throw new CryptoError('tile_malformed', 'an entry is cut off')
    entries.push(view.subarray(start, end))
    at = end
  }
  if (entries.length !== width)
    throw new CryptoError('tile_malformed', 'number of entries is not that of the bundle')
  return entries
}

/**
 * The bundle that readEntryBundle reads.
 * @throws CryptoError tile_malformed for an entry above 65,535 bytes
 */
export const writeEntryBundle = (entries: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(entries.flatMap((entry) => [lengthOf(entry), entry]))

const lengthOf = (entry: Uint8Array): Buffer => {
  if (entry.length > 0xffff) throw new CryptoError('tile_malformed', 'entry is too long')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(entry.length)
  return length
}

const isTile = ({ level, index, width }: Tile): boolean =>
  (level === 'entries' || level <= 63) &&
  Number.isSafeInteger(index) &&
  width >= 1 &&
  width <= tileWidth

const indexPath = (index: number): string => {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  return groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join('/')
}
