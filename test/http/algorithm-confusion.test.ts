import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { type RequestKey, signRequest } from '../../src/client/sign-request.ts'
import { startedGateway } from '../support/started-gateway.ts'

/* Clients of both algorithms at one gateway: each signature counts under its own name and key only. */

let gateway: Awaited<ReturnType<typeof startedGateway>>
let p256: RequestKey
let sm2: RequestKey

beforeAll(async () => {
  gateway = await startedGateway()
  const keyOf = (clientId: string) => readKeyFolder(join(gateway.folder.clients, clientId))
  p256 = await keyOf('auditor-1')
  sm2 = await keyOf('police-steward-1')
}, 120_000)

const path = '/v1/items/QD-RS-007'

const deliver = async (key: RequestKey, change = (input: string): string => input) => {
  const { headers } = await signRequest(
    { key, now: new Date(), randomBytes },
    { method: 'GET', url: gateway.publicUrl + path },
  )
  const input = change(headers['signature-input'] ?? '')
  const response = await fetch(gateway.url + path, {
    headers: { ...headers, 'signature-input': input },
  })
  return answerShape.parse(await response.json())
}
const answerShape = z.looseObject({
  code: z.string().optional(),
  receipt: z.looseObject({ proof: z.string() }).optional(),
})
const codeOf = async (...args: Parameters<typeof deliver>) => (await deliver(...args)).code

const names = ['ecdsa-p256-sha256', 'sm2-sm3'] as const

it('takes each key under its own algorithm, and answers with receipts of two lines', async () => {
  expect([p256.algorithm, sm2.algorithm]).toEqual(names)
  for (const key of [p256, sm2]) {
    const { code, receipt } = await deliver(key)
    expect(code).not.toMatch(/^signature/)
    expect(receipt?.proof.match(/^— gateway\.example /gm)).toHaveLength(2)
  }
})

it('takes no key under the algorithm of the other, signed as such', async () => {
  expect(await codeOf({ ...p256, algorithm: 'sm2-sm3' })).toBe('signature_invalid')
  expect(await codeOf({ ...sm2, algorithm: 'ecdsa-p256-sha256' })).toBe('signature_invalid')
})

it('takes no signature of one key under the name of another, whatever it is called', async () => {
  for (const algorithm of names) {
    expect(await codeOf({ ...sm2, sign: p256.sign, algorithm })).toBe('signature_invalid')
    expect(await codeOf({ ...p256, sign: sm2.sign, algorithm })).toBe('signature_invalid')
  }
})

it('takes no signature without an algorithm, with two, or with one of another name', async () => {
  for (const key of [p256, sm2]) {
    const named = `;alg="${key.algorithm}"`
    const others = ['', ';alg="sm2"', ';alg="SM2-SM3"', ';alg="ES256"', ';alg="none"', ';alg']
    const second = names.find((name) => name !== key.algorithm) ?? ''
    for (const other of [...others, `${named};alg="${second}"`, `;alg="${second}"`])
      expect([other, await codeOf(key, (input) => input.replace(named, other))]).toEqual([
        other,
        'signature_invalid',
      ])
  }
})
