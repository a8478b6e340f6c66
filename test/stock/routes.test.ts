import { describe, expect, it } from 'vitest'
import type { Answer, Call, Endpoint } from '../../src/contract/endpoint.ts'
import { stockEndpoints } from '../../src/stock/routes.ts'
import { inTransaction, type Tx } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import { aLine, issuer } from './stock-rows.ts'
import { memberOf, signedRequest, steward, stockWorld, streamOf } from './stock-world.ts'

const first = steward('social-security', 1)
const second = steward('social-security', 2)

describe('the endpoints of the stock load', () => {
  it('take a batch from open to rolled back, every answer by its schema', async () => {
    const world = await stockWorld(await testStore())
    await world.certify('social-security')
    const endpoints = new Map(
      stockEndpoints(world.deps).map((endpoint) => [endpoint.operationId, endpoint]),
    )
    const ask = async (operationId: string, call: Partial<Call<unknown, Tx>>): Promise<Answer> => {
      const endpoint = endpoints.get(operationId)
      if (endpoint === undefined) throw new Error(`no ${operationId}`)
      const answer = await act(endpoint, call)
      endpoint.data.parse(answer.data)
      return answer
    }
    const act = (endpoint: Endpoint<Tx>, call: Partial<Call<unknown, Tx>>): Promise<Answer> => {
      const whole = {
        caller: first,
        requestId: 'r',
        params: {},
        query: {},
        stream: streamOf(''),
        signed: signedRequest({}),
        ...call,
        body:
          endpoint.body === undefined || endpoint.body === 'stream'
            ? undefined
            : endpoint.body.parse(call.body),
      }
      return endpoint.kind === 'read'
        ? endpoint.handle({ ...whole, tx: undefined })
        : inTransaction(world.store, (tx) => endpoint.handle({ ...whole, tx }))
    }

    const opened = await ask('openBatch', {
      body: { issuerCode: issuer, format: 'ndjson', expectedRows: 1, expectedChunks: 1 },
    })
    const params = { batchId: memberOf(opened, 'batchId') }
    await ask('putChunk', { params: { ...params, chunk: '1' }, stream: streamOf(aLine(1)) })
    expect((await ask('validateBatch', { params })).status).toBe(202)
    await world.jobs.idle()
    const shown = await ask('getBatch', { params })
    expect(shown.data).toMatchObject({ state: 'validated', keyCustody: 'gateway' })
    const body = { root: memberOf(shown, 'root'), rows: 1 }
    await ask('releaseBatch', { params, body, caller: second })
    await world.jobs.idle()
    expect((await ask('getBatch', { params })).data).toMatchObject({ state: 'released' })
    await ask('listBatchErrors', { params })
    expect(await ask('rollBackBatch', { params })).toMatchObject({ status: 202 })
    const back = await ask('rollBackBatch', { params, caller: second })
    expect(back.data).toMatchObject({ state: 'rolled_back' })
    for (const chunk of ['0', '-1', '1.5', 'x', '1e3', '99999999']) {
      await expect(
        ask('putChunk', { params: { ...params, chunk }, stream: streamOf('') }),
      ).rejects.toMatchObject({ code: 'validation_failed' })
    }
  })
})
