import { describe, expect, it } from 'vitest'
import type { Sm2Verifying } from '../../../src/crypto/sm2/backend.ts'
import { bytesToNumber } from '../../../src/crypto/sm2/curve.ts'
import { identityDigest, sm2MessageDigest } from '../../../src/crypto/sm2/message-digest.ts'
import { readSm2Point, readSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { signWithNonce } from '../../../src/crypto/sm2/reference-backend.ts'
import { sm2SignatureFromDer } from '../../../src/crypto/sm2/signature-der.ts'
import { attempt } from '../../../src/crypto/sm2/wasm-secrets.ts'
import { ioAt } from '../../../src/crypto/wasm/gm-wasm.ts'
import { CryptoError } from '../../../src/crypto/crypto-error.ts'
import { flips } from '../coded.ts'
import { multiplyBackends, signBackends, verifyBackends, wasm } from './backends.ts'
import { derOf, hex, signatures, vectors, type SignatureCase } from './gm-vectors.ts'

const example = vectors.sm2Standard
const key = readSm2Point(hex(`04${example.x}${example.y}`))
const published = hex(example.r + example.s)

describe('the example of GM/T 0003.5', () => {
  it('has the published Z and e', () => {
    const z = identityDigest(key, Buffer.from(example.id))
    expect(Buffer.from(z).toString('hex')).toBe(example.z)
    expect(Buffer.from(identityDigest(key)).toString('hex')).toBe(example.z)
    const e = sm2MessageDigest(z, Buffer.from(example.msgText))
    expect(Buffer.from(e).toString('hex')).toBe(example.e)
  })

  it.each(multiplyBackends)('has the published key under %s', (_, { publicPoint }) => {
    expect(publicPoint(hex(example.d))).toEqual(new Uint8Array(hex(example.x + example.y)))
  })

  it('has the published signature with the published nonce', () => {
    const byHand = signWithNonce(
      bytesToNumber(hex(example.d)),
      hex(example.e),
      bytesToNumber(hex(example.k)),
    )
    expect(byHand).toEqual(published)
    wasm.io().set(hex(example.d), ioAt.scalar)
    expect(wasm.exports.prepareKey()).toBe(1)
    const factor = wasm.io().slice(ioAt.factor, ioAt.end)
    expect(attempt(wasm, factor, hex(example.e), hex(example.k))).toEqual(new Uint8Array(published))
  })

  it.each(verifyBackends)('verifies under %s, and with no bit changed', (_, backend) => {
    const digest = hex(example.e)
    expect(backend.isSigned(key, digest, published)).toBe(true)
    for (const signature of flips(published))
      expect(backend.isSigned(key, digest, signature)).toBe(false)
    for (const other of flips(digest)) expect(backend.isSigned(key, other, published)).toBe(false)
  })
})

const verdict = (backend: Sm2Verifying, entry: SignatureCase): 'valid' | 'invalid' => {
  const pem = signatures.keys[entry.key]?.public ?? ''
  const publicKey = readSm2Spki(derOf(pem))
  const z = identityDigest(publicKey, Buffer.from(entry.id))
  const digest = sm2MessageDigest(z, hex(entry.msgHex))
  try {
    const signature = sm2SignatureFromDer(Buffer.from(entry.signature, 'base64'))
    return backend.isSigned(publicKey, digest, signature) ? 'valid' : 'invalid'
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'signature_malformed') return 'invalid'
    throw error
  }
}

describe.each(verifyBackends)('signatures made by OpenSSL, judged by %s', (_, backend) => {
  it('agrees with OpenSSL about every case', () => {
    expect(signatures.cases).toHaveLength(126)
    const differing = signatures.cases.filter((entry) => verdict(backend, entry) !== entry.result)
    expect(differing).toEqual([])
  })
})

describe.each(signBackends)('signing by %s', (_, signing) => {
  it('is accepted by every verifier, and differs every time', () => {
    const sign = signing.openKey(hex(example.d))
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const digest = identityDigest(key, Buffer.from([i]))
      const signature = sign(digest)
      seen.add(Buffer.from(signature).toString('hex'))
      for (const [, backend] of verifyBackends)
        expect(backend.isSigned(key, digest, signature)).toBe(true)
      expect(sign(digest)).not.toEqual(signature)
    }
    expect(seen.size).toBe(20)
  })
})
