import { z } from 'zod'
import type { IssuerStock } from './city-data.ts'
import type { PartyClient } from './party.ts'
import { expectStatus, WalkError } from './walk/walk.ts'

export type LoadedBatch = {
  readonly batchId: string
  readonly rows: number
  readonly root: string
  readonly keyCustody: string
}

const batchReply = z.looseObject({
  batchId: z.string(),
  keyCustody: z.string().nullable().optional(),
  state: z.string(),
  root: z.string().nullable().optional(),
  counts: z.looseObject({ valid: z.number(), quarantined: z.number() }).nullable().optional(),
})

const pollEveryMs = 150
const pollsMax = 400

/**
 * One batch through the real push API: the first steward opens it, sends the chunks and validates; the
 * second one releases what was shown.
 * @throws WalkError
 */
export const loadBatch = async (
  { pusher, releaser }: { readonly pusher: PartyClient; readonly releaser: PartyClient },
  { issuerCode, stock, papers }: Pick<IssuerStock, 'issuerCode' | 'stock' | 'papers'>,
): Promise<LoadedBatch> => {
  const chunks = [stock, papers].filter((lines) => lines.length > 0)
  const rows = stock.length + papers.length
  const opened = await pusher.post('/v1/batches', {
    issuerCode,
    format: 'ndjson',
    expectedRows: rows,
    expectedChunks: chunks.length,
  })
  const { batchId } = batchReply.parse(expectStatus(opened, 201, 'open a batch').data)
  for (const [place, lines] of chunks.entries()) {
    const path = `/v1/batches/${batchId}/chunks/${String(place + 1)}`
    expectStatus(await pusher.putNdjson(path, lines), 201, 'push a chunk')
  }
  expectStatus(await pusher.post(`/v1/batches/${batchId}/validate`, {}), 202, 'validate')
  const validated = await waitForState(pusher, batchId, 'validated')
  const root = validated.root ?? ''
  const order = { root, rows: rowsToRelease(validated) }
  expectStatus(await releaser.post(`/v1/batches/${batchId}/release`, order), 202, 'release')
  const released = await waitForState(releaser, batchId, 'released')
  return { batchId, rows: order.rows, root, keyCustody: released.keyCustody ?? '' }
}

const waitForState = async (
  client: PartyClient,
  batchId: string,
  wanted: string,
): Promise<z.output<typeof batchReply>> => {
  for (let polls = 0; polls < pollsMax; polls += 1) {
    const reply = await client.get(`/v1/batches/${batchId}`)
    const batch = batchReply.parse(expectStatus(reply, 200, 'look at a batch').data)
    if (batch.state === wanted) return batch
    if (batch.state === 'failed') throw new WalkError(`batch failed: ${reply.text.slice(0, 600)}`)
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
  throw new WalkError(`the batch did not become ${wanted}`)
}

const rowsToRelease = ({ counts }: z.output<typeof batchReply>): number => {
  if (counts === null || counts === undefined) throw new WalkError('the batch tells no counts')
  if (counts.quarantined > 0) throw new WalkError(`${String(counts.quarantined)} rows are wrong`)
  return counts.valid
}
