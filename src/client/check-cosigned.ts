import { decodeBase64Url } from '../crypto/base64url.ts'
import { type Checkpoint, digestNameOfOrigin, parseCheckpoint } from '../crypto/checkpoint.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import type { JsonObject } from '../crypto/json-value.ts'
import { leafHash } from '../crypto/merkle.ts'
import { openNote, type OpenedNote } from '../crypto/open-note.ts'
import { readHashTile, tilePath } from '../crypto/tile.ts'
import { parseTlogProof } from '../crypto/tlog-proof.ts'
import { verifyInclusion } from '../crypto/verify-merkle.ts'
import { pathFromTiles, type ReadTile } from '../ledger/path-from-tiles.ts'
import { entryOf } from '../ledger/prepare-filing.ts'
import { receiptTextOf, type ReceiptText } from '../verification/read-receipt-file.ts'
import type { VerificationTrust } from '../verification/verification-trust.ts'
import type { ClientTrust } from './check-answer.ts'
import { EvidenceError } from './client-error.ts'

export type Cosigned = {
  /** Log and size of the tree that was cosigned. */
  readonly origin: string
  readonly size: number
  readonly witnesses: readonly { readonly name: string; readonly at: Date }[]
}

export type CosignedOptions = {
  readonly trust: ClientTrust
  /** How many different witnesses must have signed; default 1. */
  readonly witnessesMin?: number
  /** Reads a file of the public log, e.g. `checkpoint`, below `/log/<origin>/`. */
  readonly readLog: (origin: string, path: string) => Promise<Uint8Array>
}

/**
 * Proves that witnesses outside the gateway have seen a receipt's event: by the receipt's own checkpoint,
 * else by the log's newest one and the event's place in its tree, computed from public tiles.
 * @throws EvidenceError evidence_failed, cosignatures_missing
 */
export const checkCosigned = async (
  receipt: JsonObject,
  options: CosignedOptions,
): Promise<Cosigned> => {
  const text = receiptTextOf(receipt)
  if (text === undefined) throw failed('the receipt cannot be read')
  const { index, leaf, note, path } = read(text)
  const own = open(note, options)
  if (own.isEnough) {
    requireIncluded({ index, leaf, path, checkpoint: own.checkpoint })
    return own.cosigned
  }
  const { origin } = own.checkpoint
  const newest = open(await readNote(options, origin), options)
  const { checkpoint, cosigned } = newest
  if (!newest.isEnough || checkpoint.origin !== origin || checkpoint.size <= index)
    throw new EvidenceError('cosignatures_missing', 'no checkpoint with enough cosignatures yet')
  const readTile: ReadTile = async (level, tile, width) =>
    readHashTile(await options.readLog(origin, tilePath({ level, index: tile, width })), width)
  const name = digestNameOfOrigin(origin)
  const found = await pathFromTiles(index, checkpoint.size, readTile, name)
  requireIncluded({ index, leaf, path: found, checkpoint })
  return cosigned
}

const read = ({ event, salt, proof }: ReceiptText) => {
  try {
    const { index, path, checkpoint: note } = parseTlogProof(proof)
    const opened = { event: decodeBase64Url(event), salt: decodeBase64Url(salt) }
    const name = digestNameOfOrigin(note.slice(0, note.indexOf('\n')))
    return { index, path, note, leaf: leafHash(entryOf(opened, name), name) }
  } catch (cause) {
    throw failed('the receipt cannot be read', cause)
  }
}

const open = (note: string, { trust, witnessesMin = 1 }: CosignedOptions) => {
  const opened = openKnown(note, trust.verification)
  const checkpoint = parseCheckpoint(opened.text)
  const { origin, size } = checkpoint
  const isOfLog = opened.verified.some(
    ({ name, type }) =>
      type !== 'cosignature-v1' && (origin === name || origin.startsWith(`${name}/`)),
  )
  if (!isOfLog) throw failed('a checkpoint that the log did not sign')
  const witnesses = opened.verified.flatMap(({ name, timestamp }) =>
    timestamp === undefined ? [] : [{ name, at: new Date(timestamp * 1000) }],
  )
  const isEnough = new Set(witnesses.map(({ name }) => name)).size >= witnessesMin
  return { checkpoint, isEnough, cosigned: { origin, size, witnesses } }
}

const openKnown = (note: string, { noteKeys, signatures }: VerificationTrust): OpenedNote => {
  try {
    return openNote(note, noteKeys, signatures)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw failed('a checkpoint without a signature that we know', cause)
  }
}

const readNote = async ({ readLog }: CosignedOptions, origin: string): Promise<string> =>
  Buffer.from(await readLog(origin, 'checkpoint')).toString('utf8')

const requireIncluded = ({
  index,
  leaf,
  path,
  checkpoint: { origin, size, root },
}: {
  readonly index: number
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly checkpoint: Checkpoint
}): void => {
  const claim = { index, size, leaf, path, root, digest: digestNameOfOrigin(origin) }
  if (!verifyInclusion(claim)) throw failed('the event is not in the tree of the checkpoint')
}

const failed = (message: string, cause?: unknown): EvidenceError =>
  new EvidenceError('evidence_failed', message, { cause })
