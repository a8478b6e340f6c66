import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { lookAtCrypto } from '../../../src/cli/doctor/look-at-crypto.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import type { RandomBytes } from '../../../src/contract/uuid.ts'

const own = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly')
afterEach(() => {
  if (own !== undefined) Object.defineProperty(globalThis, 'WebAssembly', own)
})

const look = async (random: RandomBytes = randomBytes) => {
  const found = await lookAtCrypto(random, '3.0.0')
  return found.find(({ check }) => check === 'crypto gm')
}

it('names the backend of each work, as it was chosen', async () => {
  const { report } = await openGmCrypto({ random: randomBytes })
  expect(report).toMatchObject({ sm2Sign: 'wasm', sm2Verify: 'wasm', sm2Multiply: 'wasm' })
  expect(await look()).toMatchObject({
    status: 'ok',
    message: `SM2 sign wasm, verify wasm, multiply wasm; SM4-GCM ${report.sm4Gcm}`,
  })
})

it('warns of JavaScript, whose time depends on the keys', async () => {
  Reflect.deleteProperty(globalThis, 'WebAssembly')
  const found = await look()
  expect(found).toMatchObject({ status: 'attention' })
  expect(JSON.stringify(found)).toMatch(/SM2 sign js, verify js, multiply js.*not constant in time/)
})

it('says that the self-test failed', async () => {
  expect(await look((length) => Buffer.alloc(length))).toMatchObject({ status: 'wrong' })
})
