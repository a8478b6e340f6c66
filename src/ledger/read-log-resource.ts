import { digestNameOfOrigin } from '../crypto/checkpoint.ts'
import { parseTilePath, writeEntryBundle } from '../crypto/tile.ts'
import { findNewestCheckpoint, readEntries, type LedgerDb } from './ledger-store.ts'
import { widthAt } from './path-from-tiles.ts'
import { tileReader } from './read-receipt.ts'

export type LogResource = {
  readonly bytes: Uint8Array
  readonly contentType: 'text/plain; charset=utf-8' | 'application/octet-stream'
  /** True for tiles, which never change; a checkpoint is replaced with every batch. */
  readonly isImmutable: boolean
}

/**
 * What C2SP tlog-tiles serves below `/log/<origin>/`: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
 * `tile/entries/<N>[.p/<W>]`. Undefined for another log or path and for what no checkpoint covers yet.
 * Entries are salted commitments, so nothing here is about a person.
 */
export const readLogResource = async (
  db: LedgerDb,
  origin: string,
  path: string,
): Promise<LogResource | undefined> => {
  const tile = path === 'checkpoint' ? path : parseTilePath(path)
  if (tile === undefined) return undefined
  const head = await findNewestCheckpoint(db, origin)
  if (head === undefined) return undefined
  if (tile === 'checkpoint') return noteResource(head.note)
  const { level, index, width } = tile
  if (width > widthAt(head.size, level === 'entries' ? 0 : level, index)) return undefined
  if (level === 'entries') {
    return tileResource(writeEntryBundle(await readEntries(db, head.nodeId, index * 256, width)))
  }
  const readTile = tileReader(db, head.nodeId, digestNameOfOrigin(origin))
  return tileResource(Buffer.concat(await readTile(level, index, width)))
}

const noteResource = (note: string): LogResource => ({
  bytes: Buffer.from(note),
  contentType: 'text/plain; charset=utf-8',
  isImmutable: false,
})

const tileResource = (bytes: Uint8Array): LogResource => ({
  bytes,
  contentType: 'application/octet-stream',
  isImmutable: true,
})
