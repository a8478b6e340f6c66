import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { cityTimeOf } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import type { VerifiedOrder } from './verify-order.ts'

/** The department's own list of what its key signed: one line an order, never changed. */
export type SignedList = {
  /**
   * Durable when it resolves: no signature may leave before. An order that stands already is not
   * written again, so that a release that was cut off can be repeated.
   */
  readonly append: (order: VerifiedOrder, now: Date) => Promise<void>
}

/** Opens `signed.ndjson`; a last line that a crash cut off is completed by a line feed. */
export const openSignedList = async (dir: string): Promise<SignedList> => {
  const path = join(dir, 'signed.ndjson')
  const text = await readFile(path, 'utf8').catch(missing)
  const known = new Set(text.split('\n').flatMap(orderIdIn))
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  let before: Promise<void> = separator === '' ? Promise.resolve() : appendDurably(path, separator)
  return {
    append: (order, now) => {
      const own = before
        .catch(() => undefined)
        .then(async () => {
          if (known.has(order.orderId)) return
          await appendDurably(path, `${JSON.stringify(entryOf(order, now))}\n`)
          known.add(order.orderId)
        })
      before = own
      return own
    },
  }
}

const entryOf = (order: VerifiedOrder, now: Date) => ({
  at: cityTimeOf(now),
  orderId: order.orderId,
  batchId: order.batchId,
  root: encodeBase64Url(order.root),
  rows: order.rows,
  steward: order.stewardId,
  order: order.order,
})

const appendDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const entryShape = z.object({ orderId: z.string() })

const orderIdIn = (line: string): readonly string[] => {
  try {
    return [entryShape.parse(JSON.parse(line)).orderId]
  } catch {
    // A line that a crash cut off: its signatures never left, and its order is simply written again.
    return []
  }
}

const missing = (error: unknown): string => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
  throw error
}
