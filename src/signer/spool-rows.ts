import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { appendEntry, emptyFrontier, frontierRoot } from '../crypto/merkle.ts'
import { readLines } from '../client/read-lines.ts'
import { checkRow, type OwnCredentials } from './check-row.ts'
import { SignerError } from './signer-error.ts'
import type { VerifiedOrder } from './verify-order.ts'

/** A row waiting on disk until all rows are known to be what the order names. */
export type SpooledRow = { readonly chunk: number; readonly line: number; readonly payload: string }

/**
 * Checks all rows of an order and puts them into a file, since whether they are the right ones shows only
 * at the end; memory stays flat.
 * @throws SignerError
 */
export const spoolRows = async (
  path: string,
  order: Pick<VerifiedOrder, 'root' | 'rows'>,
  rows: AsyncIterable<Uint8Array>,
  own: OwnCredentials,
): Promise<void> => {
  await pipeline(
    Readable.from(checkedRows(order, rows, own)),
    createWriteStream(path, { mode: 0o600 }),
  )
}

/** The rows of a spool file in their order. */
export async function* readSpool(path: string): AsyncGenerator<SpooledRow> {
  for await (const bytes of readLines(createReadStream(path), spoolLineBytesMax)) {
    const [chunk = '', line = '', payload = ''] = bytes.toString('latin1').split(' ')
    yield { chunk: Number(chunk), line: Number(line), payload }
  }
}

export const removeSpool = (path: string): Promise<void> => rm(path, { force: true })

const spoolLineBytesMax = 512 * 1024

async function* checkedRows(
  order: Pick<VerifiedOrder, 'root' | 'rows'>,
  rows: AsyncIterable<Uint8Array>,
  own: OwnCredentials,
): AsyncGenerator<string> {
  let frontier = emptyFrontier()
  let before = { chunk: 0, line: 0 }
  for await (const bytes of rows) {
    if (frontier.size === order.rows) throw new SignerError('rows_mismatch', 'too many rows')
    const { chunk, line, payload, signingInput } = checkRow(bytes, own)
    const isNext = chunk > before.chunk || (chunk === before.chunk && line > before.line)
    if (!isNext) throw new SignerError('row_order', 'rows are not in order')
    before = { chunk, line }
    frontier = appendEntry(frontier, Buffer.from(signingInput, 'ascii'), own.digestName)
    yield `${String(chunk)} ${String(line)} ${payload}\n`
  }
  if (frontier.size !== order.rows) throw new SignerError('rows_mismatch', 'too few rows')
  if (Buffer.compare(frontierRoot(frontier, own.digestName), order.root) !== 0) {
    throw new SignerError('root_mismatch', 'the rows are not those of the order')
  }
}
