/** No answer of a gateway is larger: a page of findings or a fetch has a few megabytes at most. */
const answerBytesMax = 64 * 1024 * 1024

/**
 * The body of an answer, unpacked. Who stands in between cannot fill the memory with one that has no end.
 * @throws RangeError when it is larger than any answer, and the error of the connection
 */
export const readBytes = async (response: Response): Promise<Buffer> => {
  if (response.body === null) return Buffer.alloc(0)
  const pieces: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length
    if (length > answerBytesMax) {
      await reader.cancel()
      throw new RangeError('the answer is larger than any that a gateway gives')
    }
    pieces.push(read.value)
  }
  return Buffer.concat(pieces)
}
