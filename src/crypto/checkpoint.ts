import { decodeBase64, encodeBase64 } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { digestLengthBytes, type DigestName } from './digest.ts'

export type Checkpoint = {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly extensions: readonly string[]
}

/** Ends the origin of a log whose tree is hashed with SM3: one that no C2SP client takes for its own. */
const sm3Suffix = '+sm3'

/** The origin of a log: its name, marked where the tree is not hashed with SHA-256. */
export const originOf = (name: string, digestName: DigestName): string =>
  digestName === 'sm3' ? `${name}${sm3Suffix}` : name

/** The hash of a log's entries and tree, by its signed origin. */
export const digestNameOfOrigin = (origin: string): DigestName =>
  origin.endsWith(sm3Suffix) ? 'sm3' : 'sha-256'

/** The note text of a C2SP checkpoint. */
export const formatCheckpoint = (
  checkpoint: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
): string => `${checkpoint.origin}\n${String(checkpoint.size)}\n${encodeBase64(checkpoint.root)}\n`

/**
 * Reads a note text as a C2SP checkpoint.
 * @throws CryptoError checkpoint_malformed
 */
export const parseCheckpoint = (text: string): Checkpoint => {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw malformed('no final newline')
  const [origin = '', size = '', root = '', ...extensions] = lines
  if (lines.length < 3 || lines.includes(''))
    throw malformed('fewer than three lines, or an empty one')
  return { origin, size: readSize(size), root: readRoot(root), extensions }
}

const readSize = (text: string): number => {
  const size = Number(text)
  if (!/^(0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(size))
    throw malformed('size is not a decimal number')
  return size
}

const readRoot = (text: string): Uint8Array => {
  const root = decode(text)
  if (root.length !== digestLengthBytes) throw malformed('root is not a hash')
  return root
}

const decode = (text: string): Uint8Array => {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw malformed('root is not base64', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('checkpoint_malformed', message, { cause })
