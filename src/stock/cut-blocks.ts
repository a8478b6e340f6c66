import { GatewayError } from '../contract/error.ts'

export type CutBlock = {
  /** Number of the first line, from 1 in each chunk. */
  readonly firstLine: number
  /** Whole lines with their line feeds; only the chunk's last may lack one. */
  readonly lines: Uint8Array
  /** Lines that are not blank. */
  readonly rowCount: number
}

export type BlockLimits = {
  readonly blockBytes: number
  readonly lineBytesMax: number
  readonly chunkBytesMax: number
}

export const defaultBlockLimits: BlockLimits = {
  blockBytes: 512 * 1024,
  lineBytesMax: 256 * 1024,
  chunkBytesMax: 50 * 1024 * 1024,
}

/**
 * Cuts a stream of NDJSON into blocks of whole lines, holding no more than one block.
 * @throws GatewayError chunk_too_large, validation_failed for a line that is too long to be a row
 */
export async function* cutBlocks(
  stream: AsyncIterable<Uint8Array>,
  limits: BlockLimits,
): AsyncGenerator<CutBlock> {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let totalBytes = 0
  let firstLine = 1
  for await (const piece of stream) {
    totalBytes += piece.length
    if (totalBytes > limits.chunkBytesMax) throw new GatewayError('chunk_too_large')
    pending.push(piece)
    pendingBytes += piece.length
    if (pendingBytes < limits.blockBytes) continue
    const bytes = Buffer.concat(pending)
    const end = bytes.lastIndexOf(lineFeed) + 1
    if (end === 0) {
      requireShort(bytes.length, firstLine, limits)
      pending = [bytes]
      continue
    }
    const { block, lineCount } = toBlock(bytes.subarray(0, end), firstLine, limits)
    yield block
    firstLine += lineCount
    pending = [bytes.subarray(end)]
    pendingBytes = bytes.length - end
  }
  const rest = Buffer.concat(pending)
  if (rest.length > 0) yield toBlock(rest, firstLine, limits).block
}

/** The lines of a block with their numbers, blank ones left out; a byte-order mark is not part of a line. */
export function* linesOf({ firstLine, lines }: Pick<CutBlock, 'firstLine' | 'lines'>): Generator<{
  readonly line: number
  readonly bytes: Uint8Array
}> {
  let line = firstLine
  for (let start = 0; start < lines.length; line++) {
    const end = lines.indexOf(lineFeed, start)
    const stop = end < 0 ? lines.length : end
    const bytes = trimmed(lines.subarray(start, stop), line)
    if (bytes.length > 0) yield { line, bytes }
    start = stop + 1
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)

const toBlock = (
  lines: Uint8Array,
  firstLine: number,
  limits: BlockLimits,
): { readonly block: CutBlock; readonly lineCount: number } => {
  let lineCount = 0
  let rowCount = 0
  for (let start = 0; start < lines.length; lineCount++) {
    const end = lines.indexOf(lineFeed, start)
    const stop = end < 0 ? lines.length : end
    requireShort(stop - start, firstLine + lineCount, limits)
    if (trimmed(lines.subarray(start, stop), firstLine + lineCount).length > 0) rowCount++
    start = stop + 1
  }
  return { block: { firstLine, lines, rowCount }, lineCount }
}

const trimmed = (bytes: Uint8Array, line: number): Uint8Array => {
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
  const marked = line === 1 && byteOrderMark.equals(bytes.subarray(0, 3))
  return bytes.subarray(marked ? 3 : 0, end)
}

const requireShort = (length: number, line: number, { lineBytesMax }: BlockLimits): void => {
  if (length <= lineBytesMax) return
  throw new GatewayError('validation_failed', '有一行过长,不像是一份证照', {
    errors: [
      {
        pointer: `/lines/${String(line)}`,
        code: 'line_too_long',
        detail: `每行不得超过 ${String(lineBytesMax)} 字节`,
      },
    ],
  })
}
