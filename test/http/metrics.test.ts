import { beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/http/metrics.ts'
import { type HttpWorld, httpWorld } from './http-world.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let read: () => Promise<string>

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  const metrics = createMetrics({ ledger: () => world.ledger.health(), pool: world.store.pool })
  const app = world.makeApp({}, { observe: metrics.observe })
  const key = await world.addClient({ id: 'auditor', roles: ['A'] })
  await world.send(await world.sign(key, { path: '/v1/notes/secret-name' }), app)
  await world.send(await world.sign(key, { path: '/v1/notes/none' }), app)
  const stranger = await world.strangersKey()
  await world.send(await world.sign(stranger.key, { path: '/v1/notes/n' }), app)
  read = async () => String((await metrics.route.answer({}))?.body)
})

describe('GET /metrics', () => {
  it('counts answers by route, status and code', async () => {
    const text = await read()
    const line = (status: string, code: string) =>
      `zhengqiao_requests_total{method="GET",route="/v1/notes/:name",status="${status}",code="${code}"} 1`
    expect(text).toContain(line('200', 'none'))
    expect(text).toContain(line('404', 'case_not_found'))
    expect(text).toMatch(/status="401",code="client_unknown"/)
    expect(text).toContain(
      'zhengqiao_request_duration_seconds_count{method="GET",route="/v1/notes/:name"} 3',
    )
  })

  it('tells the state of ledger, pool and event loop', async () => {
    const text = await read()
    expect(text).toMatch(/^zhengqiao_ledger_writing 1$/m)
    expect(text).toMatch(/^zhengqiao_ledger_size 2$/m)
    expect(text).toMatch(/^zhengqiao_database_connections \d+$/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
  })

  it('holds no address, only patterns', async () => {
    expect(await read()).not.toContain('secret-name')
  })
})

describe('GET /metrics of several processes', () => {
  it('sums what others report, shares conditions, and shows by its count that one did not answer', async () => {
    const hall = (condition: string, value: number) => ({
      name: 'zhengqiao_hall_condition',
      help: '1 for the condition of a hall',
      kind: 'gauge' as const,
      labels: { hall: 'land', condition },
      value,
      together: 'average' as const,
    })
    const source = { ledger: () => world.ledger.health(), pool: world.store.pool }
    const other = createMetrics({ ...source, halls: () => [hall('up', 0), hall('down', 1)] })
    const request = { method: 'GET', route: '/v1/notes', status: 200, code: undefined } as const
    other.observe({ ...request, durationMs: 3 })
    const asked = createMetrics({
      ...source,
      halls: () => [hall('up', 1), hall('down', 0)],
      elsewhere: async () => {
        const report: unknown = JSON.parse(JSON.stringify(await other.report()))
        return [report, null]
      },
    })
    asked.observe({ ...request, durationMs: 3 })
    const text = String((await asked.route.answer({}))?.body)
    expect(text).toMatch(/^zhengqiao_processes 2$/m)
    expect(text).toMatch(/^zhengqiao_requests_total\{.*\} 2$/m)
    expect(text).toMatch(/^zhengqiao_request_duration_seconds_count\{.*\} 2$/m)
    expect(text).toMatch(/^zhengqiao_ledger_writing 1$/m)
    expect(text).toMatch(/^zhengqiao_hall_condition\{hall="land",condition="up"\} 0.5$/m)
    expect(text).toMatch(/^zhengqiao_hall_condition\{hall="land",condition="down"\} 0.5$/m)
  })
})
