import { z } from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, streamEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import type { Tx } from '../store/in-transaction.ts'
import { batchData } from './batch-view.ts'
import { defaultBlockLimits } from './cut-blocks.ts'
import { departmentEndpoints } from './department-endpoints.ts'
import { getBatch } from './get-batch.ts'
import { lifeEndpoints } from './life-endpoints.ts'
import { errorsData, errorsQuery, listErrors } from './list-errors.ts'
import { openBatch, openBatchBody } from './open-batch.ts'
import { putChunk } from './put-chunk.ts'
import { releaseBody, requestRelease } from './request-release.ts'
import { requestValidation } from './request-validation.ts'
import { rollBackBatch } from './roll-back-batch.ts'
import type { StockDeps } from './stock-deps.ts'

/** The stock load, batch by batch, and the life of single licences. */
export const stockEndpoints = (deps: StockDeps): readonly Endpoint<Tx>[] => [
  openEndpoint(deps),
  chunkEndpoint(deps),
  validateEndpoint(deps),
  releaseEndpoint(deps),
  rollbackEndpoint(deps),
  getEndpoint(deps),
  errorsEndpoint(deps),
  ...lifeEndpoints(deps),
  ...departmentEndpoints(deps),
]

const head = { roles: ['S'], operatorRequired: false } as const

const openEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, typeof openBatchBody>({
    ...head,
    operationId: 'openBatch',
    method: 'POST',
    path: '/v1/batches',
    summaryZh: '建立存量证照入库批次',
    idempotent: true,
    body: openBatchBody,
    data: batchData,
    codes: ['scope_missing'],
    handle: ({ caller, body, tx }) => openBatch(deps, tx, caller, body),
  })

const chunkData = z.object({
  batchId: z.uuid(),
  chunk: z.int(),
  digest: z.string(),
  repeated: z.boolean(),
  rowCount: z.int().nullable(),
})

const chunkEndpoint = (deps: StockDeps) => {
  const blockLimits = deps.blockLimits ?? defaultBlockLimits
  return streamEndpoint<Tx>({
    ...head,
    operationId: 'putChunk',
    method: 'PUT',
    path: '/v1/batches/:batchId/chunks/:chunk',
    summaryZh: '上传批次的一个分块(NDJSON,不超过 50 MB)',
    idempotent: false,
    bodyBytesMax: blockLimits.chunkBytesMax,
    data: chunkData,
    codes: ['batch_not_found', 'batch_state', 'chunk_too_large', 'validation_failed'],
    handle: ({ caller, params, stream, tx }) =>
      putChunk({ ...deps, blockLimits }, tx, caller, {
        batchId: params['batchId'] ?? '',
        chunk: chunkNumber(params['chunk']),
        stream,
      }),
  })
}

/** 0, which no batch has, for anything that is not a number of a chunk. */
const chunkNumber = (text = ''): number => (/^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : 0)

const validateEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, z.ZodType>({
    ...head,
    operationId: 'validateBatch',
    method: 'POST',
    path: '/v1/batches/:batchId/validate',
    summaryZh: '校验批次(后台进行)',
    idempotent: false,
    data: batchData,
    codes: ['batch_not_found', 'batch_state', 'precondition_failed'],
    handle: ({ caller, params, tx }) =>
      requestValidation(deps, tx, caller, params['batchId'] ?? ''),
  })

const releaseEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, typeof releaseBody>({
    ...head,
    operationId: 'releaseBatch',
    method: 'POST',
    path: '/v1/batches/:batchId/release',
    summaryZh: '由第二人签署放行批次(后台签发,一次可见)',
    idempotent: true,
    body: releaseBody,
    data: batchData,
    codes: [
      'batch_not_found',
      'batch_state',
      'release_needs_second_person',
      'precondition_failed',
      'drop_guard',
    ],
    handle: ({ caller, params, body, signed, tx }) =>
      requestRelease(deps, tx, caller, { batchId: params['batchId'] ?? '', body, signed }),
  })

const rollbackEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, z.ZodType>({
    ...head,
    operationId: 'rollBackBatch',
    method: 'POST',
    path: '/v1/batches/:batchId/rollback',
    summaryZh: '撤回已放行的批次,恢复此前的版本(先由一人申请,再由另一人确认)',
    idempotent: true,
    data: batchData,
    codes: ['batch_not_found', 'batch_state', 'release_needs_second_person'],
    handle: ({ caller, params, tx }) => rollBackBatch(deps, tx, caller, params['batchId'] ?? ''),
  })

const getEndpoint = (deps: StockDeps) =>
  readEndpoint({
    ...head,
    operationId: 'getBatch',
    method: 'GET',
    path: '/v1/batches/:batchId',
    summaryZh: '查看批次状态',
    idempotent: false,
    data: batchData,
    codes: ['batch_not_found'],
    handle: ({ caller, params }) => getBatch(deps, deps.store.db, caller, params['batchId'] ?? ''),
  })

const errorsEndpoint = (deps: StockDeps) =>
  readEndpoint({
    ...head,
    operationId: 'listBatchErrors',
    method: 'GET',
    path: '/v1/batches/:batchId/errors',
    summaryZh: '批次中各行的校验结果',
    idempotent: false,
    query: errorsQuery,
    data: errorsData,
    codes: ['batch_not_found', 'bad_cursor'],
    handle: ({ caller, params, query }) =>
      listErrors(deps, deps.store.db, caller, {
        ...errorsQuery.parse(query),
        batchId: params['batchId'] ?? '',
      }),
  })
