import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type CityDate, cityTimeOf } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import type { StandingOrder } from '../stock/standing-order.ts'
import type { VerifiedOrder } from './verify-order.ts'

/** Licences signed singly under a standing order. */
export type SignedSingles = {
  readonly order: StandingOrder
  readonly entries: readonly { readonly licenceId: string; readonly leaf: string }[]
  readonly day: CityDate
  readonly now: Date
}

/** The department's own list of what its key signed: never changed, durable before a signature leaves. */
export type SignedList = {
  /** An order that stands already is not written again, so that a release that was cut off can be repeated. */
  readonly append: (order: VerifiedOrder, now: Date) => Promise<void>
  /** One line a licence; answers false, writing nothing, when the day's number would be exceeded. */
  readonly appendSingles: (singles: SignedSingles) => Promise<boolean>
}

/** Opens `signed.ndjson`; a last line that a crash cut off is completed by a line feed. */
export const openSignedList = async (dir: string): Promise<SignedList> => {
  const path = join(dir, 'signed.ndjson')
  const text = await readFile(path, 'utf8').catch(missing)
  const lines = text.split('\n').flatMap(readLine)
  const orders = new Set(lines.flatMap(({ orderId }) => orderId ?? []))
  const used = new Map<string, number>()
  for (const { standingOrderId, day } of lines) {
    if (standingOrderId !== undefined) count(used, `${standingOrderId} ${day ?? ''}`, 1)
  }
  const inOrder = createQueue()
  if (text !== '' && !text.endsWith('\n')) await appendDurably(path, '\n')
  return {
    append: (order, now) =>
      inOrder(async () => {
        if (orders.has(order.orderId)) return
        await appendDurably(path, toLine(orderEntry(order, now)))
        orders.add(order.orderId)
      }),
    appendSingles: ({ order, entries, day, now }) =>
      inOrder(async () => {
        const key = `${order.orderId} ${day}`
        if ((used.get(key) ?? 0) + entries.length > order.perDayMax) return false
        const at = cityTimeOf(now)
        const { orderId: standingOrderId, stewardId: steward } = order
        const written = entries.map((entry) =>
          toLine({ at, day, standingOrderId, steward, ...entry }),
        )
        await appendDurably(path, written.join(''))
        count(used, key, entries.length)
        return true
      }),
  }
}

const count = (used: Map<string, number>, key: string, more: number): void => {
  used.set(key, (used.get(key) ?? 0) + more)
}

/** Runs one after the other, whatever became of those before. */
const createQueue = () => {
  let before: Promise<unknown> = Promise.resolve()
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const own = before.catch(() => undefined).then(work)
    before = own
    return own
  }
}

const orderEntry = (order: VerifiedOrder, now: Date) => ({
  at: cityTimeOf(now),
  orderId: order.orderId,
  batchId: order.batchId,
  root: encodeBase64Url(order.root),
  rows: order.rows,
  steward: order.stewardId,
  order: order.order,
})

const toLine = (entry: object): string => `${JSON.stringify(entry)}\n`

const appendDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const lineShape = z.object({
  orderId: z.string().optional(),
  standingOrderId: z.string().optional(),
  day: z.string().optional(),
})

const readLine = (line: string): readonly z.output<typeof lineShape>[] => {
  try {
    return [lineShape.parse(JSON.parse(line))]
  } catch {
    // A line that a crash cut off: its signatures never left, and its order is simply written again.
    return []
  }
}

const missing = (error: unknown): string => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
  throw error
}
