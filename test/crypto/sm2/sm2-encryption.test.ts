import { hash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptSm2, encryptSm2 } from '../../../src/crypto/sm2/encrypt.ts'
import { createSm2Engine } from '../../../src/crypto/sm2/engine.ts'
import { createPlainSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from './backends.ts'
import { hex, vectors } from './gm-vectors.ts'

const quick = createPlainSm2Engine({ random: randomBytes, wasm })
const engines = [
  ['wasm', quick],
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

  it('gives nothing for a text that was cut, put in another order, or begins with no point', () => {
    for (const form of ['der', 'raw'] as const) {
      const sealed = encryptSm2(engine, key.publicKey, Buffer.from('two parts'), form)
      for (let length = 0; length < sealed.length; length++)
        expect(coded(() => decryptSm2(engine, key, sealed.subarray(0, length), form))).toMatch(
          /^ciphertext_(malformed|not_authentic)$/,
        )
    }
    const raw = encryptSm2(engine, key.publicKey, Buffer.from('two parts'), 'raw')
    const [c1, c3, c2] = [raw.subarray(0, 65), raw.subarray(65, 97), raw.subarray(97)]
    const old = Buffer.concat([c1, c2, c3])
    expect(coded(() => decryptSm2(engine, key, old, 'raw'))).toBe('ciphertext_not_authentic')
    const hybrid = Buffer.concat([Buffer.of(6 | ((c1[64] ?? 0) & 1)), c1.subarray(1)])
    for (const point of [Buffer.alloc(65), Buffer.from([4, ...Buffer.alloc(64)]), hybrid])
      expect(coded(() => decryptSm2(engine, key, Buffer.concat([point, c3, c2]), 'raw'))).toBe(
        'ciphertext_malformed',
      )
  })

  it('takes no text under a key stream of zeros, which hides nothing', () => {
    const text = Buffer.of(0x55)
    const attempt = (): Uint8Array | undefined => {
      const { secret, publicKey } = quick.generateKey()
      const shared = quick.backends.multiplying.multiply(secret, key.publicKey)
      if (shared === undefined) throw new Error('no point')
      const stream = hash('sm3', Buffer.concat([shared, Buffer.of(0, 0, 0, 1)]), 'buffer')
      if (stream[0] !== 0) return undefined
      const checked = Buffer.concat([shared.subarray(0, 32), text, shared.subarray(32)])
      return Buffer.concat([
        ...[Buffer.of(4), publicKey.point, hash('sm3', checked, 'buffer'), text],
      ])
    }
    let naked = attempt()
    while (naked === undefined) naked = attempt()
    const sealed = naked
    expect(coded(() => decryptSm2(engine, key, sealed, 'raw'))).toBe('ciphertext_not_authentic')
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
