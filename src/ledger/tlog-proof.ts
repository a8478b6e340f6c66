import { decodeBase64, encodeBase64 } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'

/** A C2SP tlog-proof (https://c2sp.org/tlog-proof): one entry's place in a checkpointed tree. */
export type TlogProof = {
  readonly index: number
  /** Inclusion path, the leaf's sibling first. */
  readonly path: readonly Uint8Array[]
  /** The signed note, verbatim. */
  readonly checkpoint: string
  /** Opaque and unauthenticated; we write none. */
  readonly extra?: Uint8Array
}

export const formatTlogProof = (proof: TlogProof): string =>
  [
    header,
    ...(proof.extra === undefined ? [] : [`extra ${encodeBase64(proof.extra)}`]),
    `index ${String(proof.index)}`,
    ...proof.path.map(encodeBase64),
    '',
    proof.checkpoint,
  ].join('\n')

/** @throws CryptoError proof_malformed */
export const parseTlogProof = (text: string): TlogProof => {
  const end = text.indexOf('\n\n')
  if (end < 0) throw malformed('no checkpoint')
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (first !== header) throw malformed('another first line')
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice(6) : undefined
  const index = parseIndex(lines.shift())
  return {
    index,
    path: lines.map(parseHash),
    checkpoint: text.slice(end + 2),
    ...(extra === undefined ? {} : { extra: decode(extra) }),
  }
}

const header = 'c2sp.org/tlog-proof@v1'

const parseIndex = (line: string | undefined): number => {
  const digits = /^index (0|[1-9]\d{0,15})$/.exec(line ?? '')?.[1]
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) throw malformed('no index')
  return Number(digits)
}

const parseHash = (line: string): Uint8Array => {
  const hash = decode(line)
  if (hash.length !== 32) throw malformed('a hash is not 32 bytes')
  return hash
}

const decode = (text: string): Uint8Array => {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw malformed('a line is not base64', cause)
  }
}

const malformed = (message: string, cause?: unknown) =>
  new CryptoError('proof_malformed', message, { cause })
