import { z } from 'zod'
import { errorTable } from '../contract/error-table.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { ErrorCode } from '../contract/error.ts'
import type { JsonObject, JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { OpenRoute } from './open-route.ts'
import { stagesOf } from './order-of-refusals.ts'

export type OpenApiSource = {
  readonly endpoints: readonly Endpoint<Tx>[]
  readonly openRoutes: readonly Pick<OpenRoute, 'method' | 'path' | 'summaryZh'>[]
  readonly publicUrl: string
  readonly version: string
}

/** OpenAPI 3.1 from the endpoints themselves: the schemas that validate, the codes that are answered. */
export const openApiDocument = (source: OpenApiSource): JsonObject => ({
  openapi: '3.1.0',
  info: { title: '证桥 Zhengqiao', version: source.version, license: { name: 'Apache-2.0' } },
  servers: [{ url: source.publicUrl }],
  security: [{ httpMessageSignature: [] }],
  paths: pathsOf(source),
  components: { schemas: { Problem: problemSchema, Receipt: receiptSchema }, securitySchemes },
})

/** Every code that an endpoint can answer, in the order in which it refuses. */
export const codesOf = (endpoint: Endpoint<Tx>): readonly ErrorCode[] => [
  ...new Set<ErrorCode>([
    ...stagesOf(endpoint).flatMap(({ codes }) => codes(endpoint)),
    ...endpoint.codes,
    'internal',
    'ledger_unavailable',
  ]),
]

const pathsOf = ({ endpoints, openRoutes }: OpenApiSource): JsonObject => {
  const paths: Record<string, Record<string, JsonValue>> = {}
  const add = (path: string, method: string, operation: JsonObject): void => {
    const item = (paths[openApiPath(path)] ??= {})
    item[method.toLowerCase()] = operation
  }
  for (const endpoint of endpoints) add(endpoint.path, endpoint.method, operationOf(endpoint))
  for (const { path, method, summaryZh } of openRoutes)
    add(path, method, {
      summary: summaryZh,
      security: [],
      parameters: pathParameters(path),
      responses: { 200: { description: summaryZh } },
    })
  return paths
}

const operationOf = (endpoint: Endpoint<Tx>): JsonObject => ({
  operationId: endpoint.operationId,
  summary: endpoint.summaryZh,
  'x-roles': endpoint.roles,
  parameters: [
    ...pathParameters(endpoint.path),
    ...queryParameters(endpoint),
    ...headerParameters(endpoint),
  ],
  ...requestBody(endpoint),
  responses: { ...answers(endpoint), ...problems(endpoint) },
})

const openApiPath = (path: string): string =>
  path.replace(/:([A-Za-z]+)(?:\{[^}]*\})?/g, (_found, name: string) => `{${name}}`)

const pathParameters = (path: string): JsonObject[] =>
  [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

const queryParameters = ({ query }: Endpoint<Tx>): JsonObject[] => {
  if (query === undefined) return []
  const { properties, required } = schemaOf(query, 'input')
  const names = Array.isArray(required) ? required : []
  return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: names.includes(name),
    schema,
  }))
}

const headerParameters = ({ idempotent, operatorRequired }: Endpoint<Tx>): JsonObject[] => {
  const header = (name: string, required: boolean, description: string): JsonObject => ({
    ...{ name, in: 'header', required, description, schema: { type: 'string' } },
  })
  return [
    ...(idempotent ? [header('Idempotency-Key', true, '幂等键,1 至 255 个字符,须签名')] : []),
    ...(operatorRequired
      ? [header('Zhengqiao-Operator', false, '经办人编号;综合窗口系统必填,须签名')]
      : []),
  ]
}

const requestBody = ({ body }: Endpoint<Tx>): JsonObject => {
  if (body === undefined) return {}
  const content =
    body === 'stream'
      ? { 'application/x-ndjson': {}, 'text/csv': {} }
      : { 'application/json': { schema: schemaOf(body, 'input') } }
  return { requestBody: { required: true, content } }
}

const answers = (endpoint: Endpoint<Tx>): JsonObject => {
  const schema = {
    type: 'object',
    required: ['data', 'receipt'],
    properties: {
      data: schemaOf(endpoint.data, 'output'),
      receipt: { $ref: '#/components/schemas/Receipt' },
    },
  }
  return { '2XX': { description: '成功', content: { 'application/json': { schema } } } }
}

const problems = (endpoint: Endpoint<Tx>): JsonObject => {
  const byStatus: Record<string, ErrorCode[]> = {}
  for (const code of codesOf(endpoint))
    (byStatus[String(errorTable[code].status)] ??= []).push(code)
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${code} ${errorTable[code].titleZh}`).join(';'),
        'x-codes': codes,
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  )
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonObject => {
  const generated = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  const json = parseJson(JSON.stringify({ ...generated, $schema: undefined }))
  return isObject(json) ? json : {}
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = { type: 'string' }
const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'requestId', 'source', 'retryable'],
  properties: {
    ...{ type: text, title: text, detail: text, instance: text, requestId: text, source: text },
    status: { type: 'integer' },
    code: { enum: Object.keys(errorTable) },
    retryable: { type: 'boolean' },
    retryAfterMs: { type: 'integer' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: text, code: text, detail: text } },
    },
    receipt: { $ref: '#/components/schemas/Receipt' },
  },
}
const receiptSchema = {
  type: 'object',
  required: ['no', 'event', 'salt', 'proof'],
  properties: { no: text, event: text, salt: text, proof: text },
}
const securitySchemes = {
  httpMessageSignature: {
    type: 'http',
    scheme: 'signature',
    description:
      'RFC 9421:标签 sig1;涵盖 @method @target-uri 及所带的 content-type content-digest idempotency-key zhengqiao-operator zhengqiao-seq zhengqiao-last;参数 created nonce keyid alg [expires]',
  },
}
