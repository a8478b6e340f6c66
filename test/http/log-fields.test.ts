import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestKey } from '../../src/client/sign-request.ts'
import { type HttpWorld, httpWorld, jsonBody } from './http-world.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'

const person = { name: '测试张三', number: '370299190001010013', street: '不应出现的街道' }
const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let key: RequestKey

/** The table of fields in docs/operations.md; pino adds level, time and msg by itself. */
const documented = async (): Promise<ReadonlySet<string>> => {
  const text = await readFile('docs/operations.md', 'utf8')
  const table = /^## Log\n[\s\S]*?(?=^## )/m.exec(text)?.[0] ?? ''
  const heads = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell = '']) => cell)
  return new Set(
    heads.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
  )
}

const fieldsOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)])
    : []

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  key = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
  const write = (body: object, idempotencyKey: string) =>
    world.ask(key, {
      method: 'POST',
      path: '/v1/notes',
      body: jsonBody({ ...body }),
      operatorId: 'clerk-001',
      idempotencyKey,
    })
  const read = (name: string) =>
    world.ask(key, { path: `/v1/notes/${name}?depth=2`, operatorId: 'clerk-001' })
  await write({ name: person.name, place: { street: person.street } }, `key-${person.number}`)
  await write({ name: person.name, [person.street]: person.number }, 'unknown-field')
  await write({ name: 7 }, 'wrong-type')
  await read(person.number)
  await read('none')
  await world.ask(key, { path: `/v1/nowhere/${person.number}` })
  await world.ask((await world.strangersKey()).key, { path: `/v1/notes/${person.number}` })
  deeds.nextRead = () =>
    Promise.reject(
      new Error(`duplicate key (${person.number})`, { cause: new TypeError(person.name) }),
    )
  await read(person.number)
})

describe('the log', () => {
  it('uses only fields that docs/operations.md explains', async () => {
    const known = await documented()
    expect(known.size).toBeGreaterThan(10)
    expect(world.logged.length).toBeGreaterThan(7)
    const used = new Set(world.logged.flatMap(fieldsOf))
    // The test's logger calls pino's msg a message.
    used.delete('message')
    expect([...used].filter((name) => !known.has(name))).toEqual([])
    expect([...used]).toEqual(
      expect.arrayContaining(['requestId', 'route', 'status', 'error', 'cause']),
    )
  })

  it('carries no name, number, field value, idempotency key, key id or signature', () => {
    const text = JSON.stringify(world.logged)
    for (const secret of [...Object.values(person), 'idempotent', key.keyId, 'sig1='])
      expect(text).not.toContain(secret)
  })

  it('names routes by their pattern', () => {
    expect(JSON.stringify(world.logged)).toContain('/v1/notes/:name')
  })
})
