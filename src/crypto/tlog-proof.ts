import { decodeBase64, encodeBase64 } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { digestLengthBytes } from './digest.ts'

const firstLine = 'c2sp.org/tlog-proof@v1'

/** Trees have at most 2^53 leaves here. */
const pathLengthMax = 53

export type TlogProof = {
  readonly index: number
  /** Nearest sibling first. */
  readonly path: readonly Uint8Array[]
  /** Signed note, verbatim. */
  readonly checkpoint: string
  /** Not authenticated by the proof. */
  readonly extra?: Uint8Array
}

/**
 * The text of a C2SP tlog-proof.
 * @param textOf base64 of a hash; proofs of one tree share most of theirs
 */
export const formatTlogProof = (
  { index, path, checkpoint, extra }: TlogProof,
  textOf: (hash: Uint8Array) => string = encodeBase64,
): string =>
  [
    firstLine,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${String(index)}`,
    ...path.map((hash) => textOf(hash)),
    '',
    checkpoint,
  ].join('\n')

/**
 * Takes a C2SP tlog-proof apart; the checkpoint is not opened and nothing is verified.
 * @throws CryptoError proof_malformed
 */
export const parseTlogProof = (text: string): TlogProof => {
  const end = text.indexOf('\n\n')
  if (end < 0) throw malformed('no empty line before the checkpoint')
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (first !== firstLine) throw malformed('unknown version')
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice(6) : undefined
  const [indexLine = '', ...path] = lines
  if (path.length > pathLengthMax) throw malformed('path is too long')
  return {
    index: readIndex(indexLine),
    path: path.map(readHash),
    checkpoint: text.slice(end + 2),
    ...(extra === undefined ? {} : { extra: decode(extra) }),
  }
}

const readIndex = (line: string): number => {
  const digits = /^index (0|[1-9][0-9]*)$/.exec(line)?.[1]
  const index = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(index)) throw malformed('no index')
  return index
}

const readHash = (line: string): Uint8Array => {
  const hash = decode(line)
  if (hash.length !== digestLengthBytes) throw malformed('a path element is not a hash')
  return hash
}

const decode = (text: string): Uint8Array => {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw malformed('not base64', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('proof_malformed', message, { cause })
