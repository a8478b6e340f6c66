/** No answer of a gateway is larger: a page of findings or a fetch has a few megabytes at most. */
const answerBytesMax = 64 * 1024 * 1024

/**
 * The body of an answer, unpacked. Who stands in between cannot fill the memory with one that has no end.
 * @throws RangeError when it is larger than any answer, and the error of the connection
 */
export const readBytes = async (response: Response): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.byteLength
    if (length > answerBytesMax)
      throw new RangeError('the answer is larger than any of the gateway')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
