import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '../../src/contract/error-table.ts'
import { isJsonArray } from '../../src/crypto/json-value.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { healthRoutes } from '../../src/http/health-routes.ts'
import { jwksRoute } from '../../src/http/jwks-route.ts'
import { codesOf } from '../../src/http/openapi-document.ts'
import { openApiRoute } from '../../src/http/openapi-route.ts'
import { fileRefusalSummaries } from '../../src/http/refusal-tally.ts'
import type { OpenRoute } from '../../src/http/open-route.ts'
import type { Filing } from '../../src/ledger/filing.ts'
import { type HttpWorld, httpWorld, publicUrl } from './http-world.ts'
import { at } from './json-at.ts'
import { sampleEndpoints } from './sample-endpoints.ts'

const endpoints = sampleEndpoints({ reads: 0, nextRead: undefined, duringWrite: undefined })
const health = { isUp: true }
const openRoutes: readonly OpenRoute[] = [
  ...healthRoutes([
    { name: 'database', meansZh: '数据库可用', check: async () => health.isUp },
    { name: 'ledger', meansZh: '记录可写', check: () => Promise.reject(new Error('down')) },
  ]),
  jwksRoute([]),
  {
    method: 'GET',
    path: '/log/:origin/:path{.+}',
    summaryZh: '瓦片',
    answer: ({ path }) => ({ status: 200, contentType: 'text/plain', body: path ?? '' }),
  },
]
let world: HttpWorld
const get = async (path: string) => {
  const response = await world.app.fetch(new Request(`${publicUrl}${path}`))
  return { status: response.status, headers: response.headers, text: await response.text() }
}

beforeAll(async () => {
  const source = { endpoints, openRoutes, publicUrl, version: 'v1' }
  world = await httpWorld({ endpoints, openRoutes: [...openRoutes, openApiRoute(source)] })
})

describe('routes that stand open', () => {
  it('tell that the process runs, and which dependency does not', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, text: 'ok process 进程在运行\n' })
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: 'ok database 数据库可用\nfail ledger 记录可写\n',
    })
    health.isUp = false
    expect((await get('/readyz')).text).toContain('fail database')
  })

  it('take the rest of a path where they say so', async () => {
    expect((await get('/log/node-1/tile/0/x001/067')).text).toBe('tile/0/x001/067')
    expect(await get('/log/node-1/..%2f..%2fx')).toMatchObject({ status: 404 })
    expect((await get('/.well-known/jwks.json')).text).toBe('{"keys":[]}')
  })

  it('are all there is: anything else is a problem in Chinese', async () => {
    const { status, text, headers } = await get('/v2/none')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(parseJson(text)).toMatchObject({
      code: 'route_not_found',
      title: '没有这个接口',
      type: `${publicUrl}/problems/route_not_found`,
      source: 'client',
    })
  })
})

describe('the OpenAPI document', () => {
  it('describes every endpoint with the schemas that validate and every code that it answers', async () => {
    const document = parseJson((await get('/openapi.json')).text)
    expect(at(document, 'openapi')).toBe('3.1.0')
    for (const endpoint of endpoints) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      const operation = at(document, 'paths', path, endpoint.method.toLowerCase())
      expect(at(operation, 'operationId')).toBe(endpoint.operationId)
      for (const code of codesOf(endpoint)) {
        const codes = at(operation, 'responses', String(errorTable[code].status), 'x-codes')
        expect(isJsonArray(codes) && codes.includes(code)).toBe(true)
      }
    }
    const body = at(document, 'paths', '/v1/notes', 'post', 'requestBody', 'content')
    expect(at(body, 'application/json', 'schema')).toMatchObject({
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: { name: { type: 'string', minLength: 1, maxLength: 20 } },
    })
  })
})

describe('refusals of unsigned requests', () => {
  it('become one event a reason, and are not lost when it cannot be filed', async () => {
    for (let time = 0; time < 3; time++) await get('/v1/notes/x')
    const filed: Filing[] = []
    const ledger = { isUp: false }
    const deps = {
      clock: world.clock,
      randomBytes,
      ledger: {
        file: async (filing: Filing) => {
          if (!ledger.isUp) throw new Error('down')
          filed.push(filing)
          return { no: filing.no, event: '', salt: '', proof: '' }
        },
      },
    }
    await fileRefusalSummaries(deps, world.app.refusals)
    await get('/v1/notes/x')
    ledger.isUp = true
    await fileRefusalSummaries(deps, world.app.refusals)
    await fileRefusalSummaries(deps, world.app.refusals)
    expect(filed).toMatchObject([
      {
        event: {
          action: 'requests.refused',
          decision: 'denied',
          detail: { reason: 'signature_required', count: 4 },
        },
      },
    ])
  })
})
