import { createCipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openBlob, sealBlob } from '../../src/crypto/aead.ts'
import { coded, flips } from './coded.ts'

const key = randomBytes(32)
const aad = Buffer.from('licence|001|key-1|certificate')

it('opens what it sealed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array(), (plaintext, context) => {
      const opened = openBlob(key, sealBlob(key, plaintext, context), context)
      expect(Buffer.from(opened)).toEqual(Buffer.from(plaintext))
    }),
  )
})

it('opens nothing with one bit flipped in version, nonce, ciphertext or tag', () => {
  const blob = sealBlob(key, Buffer.from('姓名:张三'), aad)
  for (const changed of flips(blob))
    expect(coded(() => openBlob(key, changed, aad))).toMatch(/^blob_(malformed|not_authentic)$/)
})

it('opens nothing under another context or another key', () => {
  const blob = sealBlob(key, Buffer.from('text'), aad)
  for (const changed of flips(aad))
    expect(coded(() => openBlob(key, blob, changed))).toBe('blob_not_authentic')
  expect(coded(() => openBlob(randomBytes(32), blob, aad))).toBe('blob_not_authentic')
})

it('refuses a cut blob and a short key', () => {
  const blob = sealBlob(key, Buffer.from('text'), aad)
  for (let length = 0; length < blob.length; length++)
    expect(coded(() => openBlob(key, blob.subarray(0, length), aad))).toBeDefined()
  expect(coded(() => openBlob(key.subarray(1), blob, aad))).toBe('key_unsupported')
  expect(coded(() => sealBlob(key.subarray(1), blob, aad))).toBe('key_unsupported')
})

it('is version | nonce | AES-256-GCM, as the storage decision says', () => {
  const blob = Buffer.from(sealBlob(key, Buffer.from('text'), aad))
  const cipher = createCipheriv('aes-256-gcm', key, blob.subarray(1, 13))
  cipher.setAAD(aad)
  const expected = Buffer.concat([cipher.update('text'), cipher.final(), cipher.getAuthTag()])
  expect(blob[0]).toBe(1)
  expect(blob.subarray(13)).toEqual(expected)
})

it('never draws the same nonce twice', () => {
  const nonces = Array.from({ length: 2000 }, () =>
    Buffer.from(sealBlob(key, aad, aad).subarray(1, 13)).toString('hex'),
  )
  expect(new Set(nonces).size).toBe(nonces.length)
})
