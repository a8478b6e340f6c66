import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { type DigestName, startDigest } from '../crypto/digest.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Batch } from './batch.ts'
import { addHand } from './batch-hand-store.ts'
import { findBatch, lockIdleBatch, reopenBatch, shareBatch, type StockDb } from './batch-store.ts'
import { deleteBlocks, findChunkDigest, insertBlock, lockChunk, saveChunk } from './chunk-store.ts'
import { type BlockLimits, cutBlocks } from './cut-blocks.ts'
import { type FindDepartment, getOwnBatch } from './get-own-batch.ts'

export type PutChunkDeps = {
  readonly findDepartment: FindDepartment
  readonly keys: Pick<DataKeys, 'seal'>
  readonly clock: Clock
  readonly blockLimits: BlockLimits
  readonly digestName: DigestName
}

export type ChunkInput = {
  readonly batchId: string
  readonly chunk: number
  readonly stream: AsyncIterable<Uint8Array>
}

/**
 * Stores one chunk of a batch: lines are encrypted and written while they arrive. The same bytes again
 * change nothing; other bytes replace the chunk while the batch is open.
 * @throws GatewayError batch_not_found, batch_state, validation_failed, chunk_too_large
 */
export const putChunk = async (
  deps: PutChunkDeps,
  tx: StockDb,
  caller: Caller,
  input: ChunkInput,
): Promise<Answer> => {
  const batch = await lockForUpload(deps, tx, caller, input.batchId)
  if (input.chunk < 1 || input.chunk > batch.expectedChunks) throw outOfRange(batch)
  if (batch.state !== 'open') return compareChunk(deps, tx, batch, input)
  const before = await lockChunk(
    tx,
    { batchId: batch.batchId, chunk: input.chunk },
    deps.clock.now(),
  )
  if (before !== null) await deleteBlocks(tx, batch.batchId, input.chunk)
  const { digest, rowCount } = await storeBlocks(deps, tx, batch, input)
  await saveChunk(tx, { batchId: batch.batchId, chunk: input.chunk, digest, rowCount })
  await addHand(tx, batch.batchId, caller)
  const repeated = before !== null && Buffer.compare(before, digest) === 0
  return answer(before === null ? 201 : 200, {
    batch,
    chunk: input.chunk,
    digestName: deps.digestName,
    digest,
    repeated,
    rowCount,
  })
}

const lockForUpload = async (
  deps: PutChunkDeps,
  tx: StockDb,
  caller: Caller,
  batchId: string,
): Promise<Batch> => {
  const seen = await getOwnBatch(deps, caller, batchId, (id) => findBatch(tx, id))
  if (seen.format === 'resign')
    throw new GatewayError('batch_state', '重新签发的批次由网关自行生成')
  if (seen.state === 'failed') {
    const batch = await getOwnBatch(deps, caller, batchId, (id) => lockIdleBatch(tx, id))
    if (batch.state !== 'failed') return batch
    await reopenBatch(tx, batch.batchId)
    return { ...batch, state: 'open' }
  }
  return getOwnBatch(deps, caller, batchId, (id) => shareBatch(tx, id))
}

const storeBlocks = async (
  { keys, blockLimits, digestName }: PutChunkDeps,
  tx: StockDb,
  { batchId }: Batch,
  { chunk, stream }: ChunkInput,
) => {
  const hash = startDigest(digestName)
  let rowCount = 0
  for await (const block of cutBlocks(stream, blockLimits)) {
    hash.update(block.lines)
    rowCount += block.rowCount
    await insertBlock(tx, keys, batchId, { ...block, chunk })
  }
  return { digest: hash.digest(), rowCount }
}

/** Of a batch that takes no more chunks, only the very same chunk again is welcome. */
const compareChunk = async (
  { digestName }: PutChunkDeps,
  tx: StockDb,
  batch: Batch,
  { chunk, stream }: ChunkInput,
): Promise<Answer> => {
  const hash = startDigest(digestName)
  for await (const piece of stream) hash.update(piece)
  const digest = hash.digest()
  const before = await findChunkDigest(tx, batch.batchId, chunk)
  if (before === undefined || Buffer.compare(before, digest) !== 0) {
    throw new GatewayError('batch_state', '批次已不再接收新的分块')
  }
  return answer(200, { batch, chunk, digestName, digest, repeated: true, rowCount: null })
}

const answer = (
  status: 200 | 201,
  {
    batch,
    digestName,
    digest,
    ...chunk
  }: {
    readonly batch: Batch
    readonly chunk: number
    readonly digestName: DigestName
    readonly digest: Uint8Array
    readonly repeated: boolean
    readonly rowCount: number | null
  },
): Answer => {
  const data = {
    batchId: batch.batchId,
    ...chunk,
    digest: `${digestName}:${encodeBase64Url(digest)}`,
  }
  return { status, data, deed: { action: 'batch.chunk', decision: 'allowed', detail: data } }
}

const outOfRange = ({ expectedChunks }: Batch): GatewayError =>
  new GatewayError('validation_failed', '分块编号超出批次申报的块数', {
    errors: [
      {
        pointer: '/chunk',
        code: 'out_of_range',
        detail: `编号应在 1 至 ${String(expectedChunks)} 之间`,
      },
    ],
  })
