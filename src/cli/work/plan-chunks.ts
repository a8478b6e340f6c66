import { createReadStream } from 'node:fs'

/** A run of whole lines of a file: bytes from `start` up to `end`. */
export type ChunkPlan = { readonly start: number; readonly end: number }
export type FilePlan = { readonly rows: number; readonly chunks: readonly ChunkPlan[] }

/** One line is longer than a chunk may be. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a file at line ends into chunks of at most so many bytes, and counts its lines; empty ones are no
 * rows. The same file and size always give the same chunks, so that a push can go on later.
 * @throws LineTooLong
 */
export const planChunks = async (path: string, chunkBytesMax: number): Promise<FilePlan> => {
  const cutter = createCutter(chunkBytesMax)
  let at = 0
  let last: number | undefined
  for await (const piece of createReadStream(path)) {
    const bytes: unknown = piece
    if (!Buffer.isBuffer(bytes)) continue
    let from = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      const before = end > 0 ? bytes[end - 1] : last
      cutter.takeLine(at + end + 1, before === carriageReturn ? 2 : 1)
      from = end + 1
    }
    at += bytes.length
    last = bytes.at(-1)
  }
  return cutter.finish(at, last === carriageReturn ? 1 : 0)
}

const createCutter = (chunkBytesMax: number) => {
  const chunks: ChunkPlan[] = []
  let rows = 0
  let chunkStart = 0
  let lineStart = 0
  const takeLine = (lineEnd: number, endBytes: number): void => {
    if (lineEnd - lineStart > chunkBytesMax) throw new LineTooLong(`line ${String(rows + 1)}`)
    if (lineEnd - chunkStart > chunkBytesMax) {
      chunks.push({ start: chunkStart, end: lineStart })
      chunkStart = lineStart
    }
    if (lineEnd - lineStart > endBytes) rows += 1
    lineStart = lineEnd
  }
  return {
    takeLine,
    finish: (length: number, endBytes: number): FilePlan => {
      if (length > lineStart) takeLine(length, endBytes)
      if (length > chunkStart) chunks.push({ start: chunkStart, end: length })
      return { rows, chunks }
    },
  }
}
