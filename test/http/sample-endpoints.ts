import { z } from 'zod'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { readEndpoint, streamEndpoint, writeEndpoint } from '../../src/contract/endpoint.ts'
import { GatewayError } from '../../src/contract/error.ts'
import type { Tx } from '../../src/store/in-transaction.ts'

const noteBody = z.strictObject({
  name: z.string().min(1).max(20),
  kind: z.enum(['a', 'b']).exactOptional(),
  place: z.strictObject({ street: z.string() }).exactOptional(),
  tags: z.array(z.union([z.string(), z.strictObject({ tag: z.string() })])).exactOptional(),
})

/** What the sample endpoints did, so that a test sees whether they ran. */
export type Deeds = {
  reads: number
  /** Runs before the next read answers; what it throws is answered instead. */
  nextRead: (() => Promise<void>) | undefined
  /** Runs inside the next write's transaction. */
  duringWrite: (() => Promise<void>) | undefined
}

/** One endpoint of each kind: what the pipeline does is the same for the real ones. */
export const sampleEndpoints = (deeds: Deeds): readonly Endpoint<Tx>[] => [
  readEndpoint({
    operationId: 'readNote',
    method: 'GET',
    path: '/v1/notes/:name',
    summaryZh: '读一条',
    roles: ['C', 'A'],
    idempotent: false,
    operatorRequired: true,
    query: z.strictObject({ depth: z.coerce.number().int().min(1).max(9).optional() }),
    codes: ['case_not_found'],
    data: z.object({ name: z.string(), depth: z.string() }),
    handle: async ({ params, query }) => {
      deeds.reads++
      await deeds.nextRead?.()
      if (params['name'] === 'none') throw new GatewayError('case_not_found')
      return {
        status: 200,
        data: { name: params['name'] ?? '', depth: query['depth'] ?? '' },
        deed: { action: 'note.read', decision: 'allowed' },
      }
    },
  }),
  readEndpoint({
    operationId: 'checkMaterials',
    method: 'POST',
    path: '/v1/notes/:name/fetches',
    summaryZh: '取一条',
    roles: ['C'],
    idempotent: true,
    operatorRequired: true,
    codes: [],
    body: noteBody,
    data: z.object({ turn: z.number() }),
    handle: async ({ body }) => {
      deeds.reads++
      await deeds.nextRead?.()
      return {
        status: 200,
        data: { turn: deeds.reads, name: body.name },
        deed: { action: 'note.fetch', decision: 'allowed' },
      }
    },
  }),
  writeEndpoint<Tx, typeof noteBody>({
    operationId: 'addNote',
    method: 'POST',
    path: '/v1/notes',
    summaryZh: '加一条',
    roles: ['C', 'X'],
    idempotent: true,
    operatorRequired: false,
    codes: ['version_conflict'],
    body: noteBody,
    data: z.object({ name: z.string() }),
    handle: async ({ body, tx }) => {
      await tx
        .insertInto('setting')
        .values({ name: `note-${body.name}`, value: JSON.stringify(body.name) })
        .execute()
      await deeds.duringWrite?.()
      if (body.name === 'refuse') throw new GatewayError('version_conflict')
      if (body.name === 'break') throw new Error('secret 370299190001010013')
      return {
        status: 201,
        data: { name: body.name },
        deed: { action: 'note.add', decision: 'allowed' },
      }
    },
  }),
  streamEndpoint<Tx>({
    operationId: 'putRows',
    method: 'PUT',
    path: '/v1/rows/:chunk',
    summaryZh: '送一块',
    roles: ['S'],
    idempotent: false,
    operatorRequired: false,
    bodyBytesMax: 1000,
    codes: ['batch_state'],
    data: z.object({ bytes: z.number() }),
    handle: async ({ stream, params, tx }) => {
      let bytes = 0
      for await (const chunk of stream) {
        bytes += chunk.length
        if (params['chunk'] === 'refused') throw new GatewayError('batch_state')
      }
      await tx
        .insertInto('setting')
        .values({ name: `rows-${params['chunk'] ?? ''}`, value: String(bytes) })
        .execute()
      return { status: 200, data: { bytes }, deed: { action: 'rows.put', decision: 'allowed' } }
    },
  }),
]
