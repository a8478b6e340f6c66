import type { ReceiptNo } from '../contract/ids.ts'
import { encodeBase64 } from '../crypto/base64url.ts'
import { digestNameOfOrigin, formatCheckpoint } from '../crypto/checkpoint.ts'
import { type Frontier, leafHash } from '../crypto/merkle.ts'
import { type NoteSigner, signNote } from '../crypto/sign-note.ts'
import { formatTlogProof } from '../crypto/tlog-proof.ts'
import { appendBatch } from './append-batch.ts'
import type { BatchToAppend } from './append-store.ts'
import type { Receipt } from './filing.ts'
import type { LogNode } from './log-connection-store.ts'
import {
  type OpenedEvent,
  type PreparedFiling,
  receiptOf,
  type StoredEvent,
} from './prepare-filing.ts'

/** A log with so many events, and the note that signs it. */
export type LogState = {
  readonly node: LogNode
  readonly frontier: Frontier
  readonly checkpoint: string
}

/** One event that is to go into the log. */
export type Row = StoredEvent & { readonly opened: OpenedEvent } & Partial<PreparedFiling>

export type GrowDeps = {
  readonly noteSigners: readonly NoteSigner[]
  readonly now: () => Date
}

export type GrownLog = {
  readonly state: LogState
  readonly batch: Omit<BatchToAppend, 'nonces' | 'attached'>
  readonly receipts: () => ReadonlyMap<ReceiptNo, Receipt>
}

/**
 * The log with these events behind it, its checkpoint signed. None of it is true before the batch is
 * committed: until then no receipt and no checkpoint may leave.
 */
export const growLog = async (
  { node, frontier }: LogState,
  rows: readonly Row[],
  { noteSigners, now }: GrowDeps,
): Promise<GrownLog> => {
  const name = digestNameOfOrigin(node.origin)
  const appended = appendBatch(
    frontier,
    rows.map(({ entry }) => leafHash(entry, name)),
    name,
  )
  const { size } = appended.frontier
  const text = formatCheckpoint({ origin: node.origin, size, root: appended.root })
  const checkpoint = await signNote(text, noteSigners)
  const requests = rows.flatMap(({ no, request }) => (request ? [{ no, sealed: request }] : []))
  const textOf = rememberTexts()
  const receipt = ({ no, opened }: Row, n: number): readonly [ReceiptNo, Receipt] => {
    const proof = { index: frontier.size + n, path: appended.pathOf(n), checkpoint }
    return [no, receiptOf(no, opened, formatTlogProof(proof, textOf))]
  }
  return {
    state: { node, frontier: appended.frontier, checkpoint },
    batch: {
      node,
      sizeBefore: frontier.size,
      rows,
      requests,
      appended,
      note: checkpoint,
      at: now(),
    },
    receipts: () => new Map(rows.map(receipt)),
  }
}

/** Base64 of the hashes of one batch: most of a path is the same for all of its leaves. */
const rememberTexts = (): ((hash: Uint8Array) => string) => {
  const texts = new Map<Uint8Array, string>()
  return (hash) => {
    const known = texts.get(hash) ?? encodeBase64(hash)
    texts.set(hash, known)
    return known
  }
}
