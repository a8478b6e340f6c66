import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch } from '../../client/operations.ts'
import type { ZhengqiaoClient } from '../../client/zhengqiao-client.ts'
import { CommandFailure } from '../command-error.ts'
import type { ChunkPlan, FilePlan } from './plan-chunks.ts'

export type Push = {
  readonly client: ZhengqiaoClient
  readonly path: string
  readonly plan: FilePlan
  readonly issuerCode: string
  /** The batch of an earlier push that did not come to its end. */
  readonly resume: string | undefined
  readonly onBatch: (batchId: string) => void
  /** Chunks that the gateway holds, of all. */
  readonly onChunk: (done: number, all: number) => void
}

/** Opens a batch, or goes on with one, sends what is missing and waits until it is judged. */
export const pushStock = async (push: Push): Promise<Batch> => {
  const batch = await openOrFind(push)
  push.onBatch(batch.batchId)
  if (batch.state === 'open' || batch.state === 'failed') {
    await sendChunks(push, batch)
    await push.client.batches.validate(batch.batchId)
  }
  return waitForBatch(push.client, batch.batchId, 'validating')
}

/** Asks again and again until the batch has left a state that ends by itself. */
export const waitForBatch = async (
  client: ZhengqiaoClient,
  batchId: string,
  passing: Batch['state'],
): Promise<Batch> => {
  for (;;) {
    const { data } = await client.batches.get(batchId)
    if (data.state !== passing) return data
    await sleep(500)
  }
}

const openOrFind = async ({ client, plan, issuerCode, resume }: Push): Promise<Batch> => {
  const { length } = plan.chunks
  if (resume === undefined) {
    const wanted = { expectedRows: plan.rows, expectedChunks: length }
    return (await client.batches.open({ issuerCode, format: 'ndjson', ...wanted })).data
  }
  const { data } = await client.batches.get(resume)
  const isOfFile = data.expectedChunks === length && data.expectedRows === plan.rows
  if (data.issuerCode !== issuerCode || !isOfFile)
    throw new CommandFailure(
      `批次 ${resume} 与此文件或分块大小不符 / the batch is of another file, issuer or chunk size`,
    )
  return data
}

/** Of an interrupted push the newest chunk is sent once more, since it may be half there. */
const sendChunks = async ({ client, path, plan, onChunk }: Push, batch: Batch): Promise<void> => {
  const held = batch.state === 'failed' ? 0 : Math.max(0, batch.receivedChunks - 1)
  onChunk(held, plan.chunks.length)
  for (const [place, chunk] of plan.chunks.entries()) {
    if (place < held) continue
    const bytes = await readPart(path, chunk)
    await client.batches.putChunk(batch.batchId, place + 1, {
      bytes,
      contentType: 'application/x-ndjson',
    })
    onChunk(place + 1, plan.chunks.length)
  }
}

const readPart = async (path: string, { start, end }: ChunkPlan): Promise<Uint8Array> => {
  const file = await open(path)
  try {
    const bytes = Buffer.alloc(end - start)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
    if (bytesRead !== bytes.length)
      throw new CommandFailure(`文件在推送时变短了 / the file became shorter: ${path}`)
    return bytes
  } finally {
    await file.close()
  }
}
