import type { ReceiptNo } from '../contract/ids.ts'
import { digestNameOfOrigin } from '../crypto/checkpoint.ts'
import type { DigestName } from '../crypto/digest.ts'
import { leafHash } from '../crypto/merkle.ts'
import { formatTlogProof } from '../crypto/tlog-proof.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Receipt } from './filing.ts'
import {
  findCheckpointOver,
  findEvent,
  readEntries,
  readSubtreeHashes,
  type LedgerDb,
  type LocatedEvent,
} from './ledger-store.ts'
import { pathFromTiles, type ReadTile } from './path-from-tiles.ts'
import { openEvent, receiptOf } from './prepare-filing.ts'

type Deps = { readonly db: LedgerDb; readonly keys: Pick<DataKeys, 'open'> }

/**
 * The receipt as it was first handed out, byte for byte: its checkpoint is the first one that covers the
 * event. Undefined when no log has the number.
 */
export const readReceipt = async (deps: Deps, no: ReceiptNo): Promise<Receipt | undefined> => {
  const event = await findEvent(deps.db, no)
  return event && receiptOfEvent(deps, event)
}

export const receiptOfEvent = async (deps: Deps, event: LocatedEvent): Promise<Receipt> => {
  const { no, nodeId, position } = event
  const checkpoint = await findCheckpointOver(deps.db, nodeId, position)
  if (checkpoint === undefined) throw new Error(`no checkpoint covers receipt ${no}`)
  const name = digestNameOfNote(checkpoint.note)
  const readTile = tileReader(deps.db, nodeId, name)
  const path = await pathFromTiles(position, checkpoint.size, readTile, name)
  const proof = { index: position, path, checkpoint: checkpoint.note }
  return receiptOf(no, openEvent(event.sealed, no, deps.keys), formatTlogProof(proof))
}

/** By the log's origin, the first line of its notes. */
const digestNameOfNote = (note: string): DigestName =>
  digestNameOfOrigin(note.slice(0, note.indexOf('\n')))

/** Level 0 from the entries, the levels above as they were stored when their tiles were full. */
export const tileReader =
  (db: LedgerDb, nodeId: number, name: DigestName): ReadTile =>
  async (level, index, width) => {
    const start = index * 256
    if (level > 0) return readSubtreeHashes(db, nodeId, level, start, width)
    const entries = await readEntries(db, nodeId, start, width)
    return entries.map((entry) => leafHash(entry, name))
  }
