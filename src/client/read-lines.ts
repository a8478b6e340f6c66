/** A line longer than the reader will hold. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
}

/**
 * Lines of a byte stream without their line feeds, holding one line at most. An unfinished last line
 * counts as one.
 * @throws LineTooLongError
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of stream) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let start = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      requireShort(heldBytes + end - start, lineBytesMax)
      yield held.length === 0
        ? bytes.subarray(start, end)
        : Buffer.concat([...held, bytes.subarray(start, end)])
      held = []
      heldBytes = 0
      start = end + 1
    }
    if (start === bytes.length) continue
    held.push(bytes.subarray(start))
    heldBytes += bytes.length - start
    requireShort(heldBytes, lineBytesMax)
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

const requireShort = (length: number, lineBytesMax: number): void => {
  if (length > lineBytesMax) throw new LineTooLongError('a line is too long')
}
