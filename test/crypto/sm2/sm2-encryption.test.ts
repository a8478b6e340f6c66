import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptSm2, encryptSm2 } from '../../../src/crypto/sm2/encrypt.ts'
import { createSm2Engine } from '../../../src/crypto/sm2/engine.ts'
import { createPlainSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from './backends.ts'
import { hex, vectors } from './gm-vectors.ts'

const engines = [
  ['wasm', createPlainSm2Engine({ random: randomBytes, wasm })],
  ['js', createPlainSm2Engine({ random: randomBytes })],
] as const

/** GB/T 32918.5 annex C: the recommended curve, key and nonce of the signature example. */
const published = {
  text: Buffer.from('encryption standard'),
  c1: '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0',
  c3: '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766',
  c2: '21886ca989ca9c7d58087307ca93092d651efa',
}

describe.each(engines)('SM2 encryption under %s', (_, engine) => {
  const key = engine.importKey(hex(vectors.sm2Standard.d))

  it('has the published ciphertext with the published nonce', () => {
    const { backends } = engine
    const fixed = createSm2Engine(backends, () => hex(vectors.sm2Standard.k))
    const sealed = encryptSm2(fixed, key.publicKey, published.text, 'raw')
    expect(Buffer.from(sealed).toString('hex')).toBe(published.c1 + published.c3 + published.c2)
    expect(Buffer.from(decryptSm2(engine, key, sealed, 'raw')).toString()).toBe(
      'encryption standard',
    )
  })

  it('comes back in both forms and for all lengths', () => {
    for (const form of ['raw', 'der'] as const)
      for (const length of [1, 31, 32, 33, 1000]) {
        const text = randomBytes(length)
        const sealed = encryptSm2(engine, key.publicKey, text, form)
        expect(Buffer.compare(decryptSm2(engine, key, sealed, form), text)).toBe(0)
      }
  })

  it('gives nothing for a changed bit, another key or another form', () => {
    const sealed = encryptSm2(engine, key.publicKey, Buffer.from('text'), 'der')
    const codes = new Set<string | undefined>()
    for (const other of flips(sealed)) codes.add(coded(() => decryptSm2(engine, key, other, 'der')))
    codes.add(coded(() => decryptSm2(engine, engine.generateKey(), sealed, 'der')))
    codes.add(coded(() => decryptSm2(engine, key, sealed, 'raw')))
    expect([...codes].sort()).toEqual(['ciphertext_malformed', 'ciphertext_not_authentic'])
  })

  it('refuses empty texts', () => {
    expect(coded(() => encryptSm2(engine, key.publicKey, Buffer.alloc(0)))).toBe(
      'ciphertext_malformed',
    )
    const sealed = encryptSm2(engine, key.publicKey, Buffer.from('x'), 'raw')
    expect(coded(() => decryptSm2(engine, key, sealed.subarray(0, 97), 'raw'))).toBe(
      'ciphertext_malformed',
    )
  })
})
