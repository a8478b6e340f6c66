import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConnectionError } from '../../src/client/client-error.ts'
import type { GatewayAnswer, GatewayClient } from '../../src/client/gateway-client.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { registrationOf } from '../recipes/recipe-city.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { openServedCity, type Served, type ServedCity } from './served-city.ts'

let city: ServedCity
beforeAll(async () => {
  city = await openServedCity(await emptyDatabaseUrl())
}, 120_000)
afterAll(() => city.close(), 60_000)

const textAt = async ({ url }: Served, path: string): Promise<string> =>
  (await fetch(url + path, { headers: { connection: 'close' } })).text()

const figure = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])

const nodeOf = ({ receipt }: GatewayAnswer): string | undefined =>
  /gateway\.example\/node-\d+/.exec(JSON.stringify(receipt))?.[0]

/** Repeats under one key until there is an answer that will not change. */
const register = async (client: GatewayClient, caseNo: string): Promise<GatewayAnswer> => {
  const body = parseJson(JSON.stringify(await registrationOf(caseNo)))
  const options = { idempotencyKey: randomBytes(12).toString('hex') }
  for (;;) {
    const answer = await client.request('POST', '/v1/cases', body, options).catch(lost)
    if (answer !== undefined && answer.problem?.['retryable'] !== true) return answer
    await sleep(100)
  }
}

const lost = (error: unknown): undefined => {
  if (error instanceof ConnectionError) return undefined
  throw error
}

const caseIn = z.object({ caseId: z.string() })
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const untilGone = async (pids: readonly number[]): Promise<void> => {
  while (pids.some(isAlive)) await sleep(50)
}

describe('serve --processes 2', () => {
  it('answers from both with logs of their own, and sums their metrics', async () => {
    const served = await city.serve(2)
    expect(served.said()).toContain(`zhengqiao ready ${served.url}`)
    expect(await served.workers()).toHaveLength(2)
    const client = await served.clientOf('registrar-city')
    const nodes = new Set<string | undefined>()
    const count = 12
    for (let at = 0; at < count; at += 4) {
      const numbers = [0, 1, 2, 3].map((offset) => `P-${String(at + offset)}`)
      for (const answer of await Promise.all(numbers.map((no) => register(client, no)))) {
        expect(answer.status, answer.text).toBe(201)
        nodes.add(nodeOf(answer))
      }
    }
    expect([...nodes].sort()).toEqual(['gateway.example/node-1', 'gateway.example/node-2'])
    for (let at = 0; at < 4; at++) {
      const text = await textAt(served, '/metrics')
      const answered =
        'zhengqiao_requests_total\\{method="POST",route="/v1/cases",status="201",code="none"\\}'
      expect(figure(text, answered)).toBe(count)
      expect(figure(text, 'zhengqiao_processes')).toBe(2)
      expect(figure(text, 'zhengqiao_ledger_writing')).toBe(1)
    }
    const ready = await fetch(`${served.url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.text()).toMatch(/^ok database .*\nok ledger /)
  }, 120_000)

  it('kill -9 of one under requests loses nothing acknowledged, and another takes its place', async () => {
    const served = await city.serve(2)
    const clients = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => served.clientOf('registrar-city')),
    )
    const going = { on: true }
    const promised = new Map<string, string>()
    const load = clients.map(async (client, who) => {
      for (let at = 0; going.on; at++) {
        const caseNo = `K-${String(who)}-${String(at)}`
        const answer = await register(client, caseNo)
        expect(answer.status, answer.text).toBe(201)
        promised.set(caseNo, caseIn.parse(answer.data).caseId)
      }
    })
    while (promised.size < 30) await sleep(20)
    const before = await served.workers()
    process.kill(before[0] ?? 0, 'SIGKILL')
    const then = promised.size
    while (promised.size < then + 60) await sleep(20)
    while (figure(await textAt(served, '/metrics'), 'zhengqiao_processes') !== 2) await sleep(100)
    going.on = false
    await Promise.all(load)
    const after = await served.workers()
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(1)
    expect(served.said()).toContain('SIGKILL')
    const reader = await served.clientOf('registrar-city')
    for (const caseId of promised.values())
      expect((await reader.request('GET', `/v1/cases/${caseId}`)).status).toBe(200)
    served.first.kill('SIGTERM')
    expect(await served.ended).toEqual({ code: 0, signal: null })
  }, 120_000)

  it('SIGTERM lets an answer under way leave, ends all processes and frees the port', async () => {
    const served = await city.serve(2)
    const workers = await served.workers()
    const client = await served.clientOf('registrar-city')
    const underWay = ['S-1', 'S-2', 'S-3', 'S-4'].map((caseNo) => register(client, caseNo))
    await Promise.race(underWay)
    served.first.kill('SIGTERM')
    // As a service manager does, which tells every process of the group.
    for (const pid of workers) process.kill(pid, 'SIGTERM')
    expect(await served.ended).toEqual({ code: 0, signal: null })
    for (const { status } of await Promise.all(underWay)) expect(status).toBe(201)
    expect(workers.filter(isAlive)).toEqual([])
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(Number(new URL(served.url).port), '127.0.0.1', resolve)
    })
    await new Promise((resolve) => server.close(resolve))
  }, 120_000)

  it('kill -9 of the first process leaves no other behind', async () => {
    const served = await city.serve(2)
    const workers = await served.workers()
    served.first.kill('SIGKILL')
    await untilGone(workers)
    await expect(fetch(served.url)).rejects.toThrow()
  }, 120_000)

  it('a port that is taken ends it as it ends one process: same code, and it says why', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = z.object({ port: z.int() }).parse(taken.address())
    for (const processes of [1, 2]) {
      const served = await city.serve(processes, port)
      expect(await served.ended).toEqual({ code: 1, signal: null })
      expect(served.said()).toMatch(/^127\.0\.0\.1:\d+ 已被占用 \/ is taken。.*ZHENGQIAO_PORT/m)
      expect(served.said(), 'no stack').not.toContain('    at ')
      expect(served.said()).not.toContain('zhengqiao ready')
    }
    await new Promise((resolve) => taken.close(resolve))
  }, 120_000)
})
