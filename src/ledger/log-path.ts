/** A resource of C2SP tlog-tiles (https://c2sp.org/tlog-tiles), below `/log/<origin>/`. */
export type LogResource =
  | { readonly kind: 'checkpoint' }
  | {
      readonly kind: 'tile'
      readonly level: number
      readonly index: number
      readonly width: number
    }
  | { readonly kind: 'entries'; readonly index: number; readonly width: number }

/** Hashes in a full tile. */
export const tileWidth = 256

/** Reads `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; undefined for any other. */
export const parseLogPath = (path: string): LogResource | undefined => {
  if (path === 'checkpoint') return { kind: 'checkpoint' }
  const [, level, number, partial] = tilePattern.exec(path) ?? []
  if (level === undefined || number === undefined) return undefined
  const index = Number(number.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? tileWidth : Number(partial)
  if (level === 'entries') return { kind: 'entries', index, width }
  return { kind: 'tile', level: Number(level), index, width }
}

/** Level 0–63, number in groups of three without superfluous groups, partial width 1–255. */
const tilePattern = new RegExp(
  '^tile/(entries|[0-9]|[1-5][0-9]|6[0-3])' +
    '/((?:(?!x000/)x[0-9]{3}/(?:x[0-9]{3}/){0,3})?[0-9]{3})' +
    '(?:[.]p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$',
)

/** Path of a tile relative to the log's prefix. */
export const tilePath = (level: number | 'entries', index: number, width = tileWidth): string =>
  `tile/${String(level)}/${tileNumber(index)}${width === tileWidth ? '' : `.p/${String(width)}`}`

/** 1234067 → `x001/x234/067`. */
const tileNumber = (index: number): string => {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) ?? []
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
}

/** Hashes that the tile holds in a tree of this size: 0 where it does not exist yet. */
export const widthAt = (size: number, level: number, index: number): number =>
  Math.min(tileWidth, Math.max(0, Math.floor(size / tileWidth ** level) - index * tileWidth))

/** Entry bundle: each entry with its length as 16-bit big-endian number before it. */
export const entryBundle = (entries: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(entry.length)
      return [length, entry]
    }),
  )
