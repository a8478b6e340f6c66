import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openBlob, sealBlob } from '../../../src/crypto/aead.ts'
import { digest } from '../../../src/crypto/digest.ts'
import { tableGhash, wasmGhash } from '../../../src/crypto/sm4/ghash.ts'
import { decryptSm4Cbc, encryptSm4Cbc } from '../../../src/crypto/sm4/sm4-cbc.ts'
import { openSm4Blob, sealSm4Blob } from '../../../src/crypto/sm4/sm4-blob.ts'
import { openSm4Gcm } from '../../../src/crypto/sm4/sm4-gcm.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from '../sm2/backends.ts'
import { hex, vectors } from '../sm2/gm-vectors.ts'

const backends = [
  ['with wasm', openSm4Gcm(wasm, false)],
  ['without', openSm4Gcm(undefined, false)],
  ['as Node has it', openSm4Gcm(wasm)],
] as const

describe('SM3', () => {
  it('has the published digests', () => {
    for (const { msgText, msgHex, digest: wanted } of vectors.sm3) {
      const input = msgText === undefined ? hex(msgHex ?? '') : Buffer.from(msgText)
      expect(Buffer.from(digest('sm3', input)).toString('hex')).toBe(wanted)
    }
  })
})

describe('SM4', () => {
  it('has the published blocks, one and a million', () => {
    for (const { key, pt, ct, iterations = 1 } of vectors.sm4.filter(
      ({ mode }) => mode === 'ecb',
    )) {
      const cipher = createCipheriv('sm4-ecb', hex(key), null)
      let block = hex(pt)
      for (let i = 0; i < iterations; i++) block = cipher.update(block)
      expect(block.toString('hex')).toBe(ct)
    }
  })

  it('chains blocks as OpenSSL does, with padding', () => {
    for (const { key, iv, pt, ct } of vectors.sm4.filter(({ mode }) => mode === 'cbc')) {
      const sealed = encryptSm4Cbc(hex(key), hex(iv ?? ''), hex(pt))
      expect(
        Buffer.from(sealed)
          .subarray(0, ct.length / 2)
          .toString('hex'),
      ).toBe(ct)
      expect(decryptSm4Cbc(hex(key), hex(iv ?? ''), sealed)).toEqual(hex(pt))
    }
  })

  it('refuses wrong padding and keys of another size', () => {
    const [key, iv] = [randomBytes(16), randomBytes(16)]
    expect(coded(() => decryptSm4Cbc(key, iv, randomBytes(15)))).toBe('ciphertext_not_authentic')
    const unpadded = createDecipheriv('sm4-ecb', key, null).setAutoPadding(false)
    const zeroPadded = unpadded.update(iv)
    expect(coded(() => decryptSm4Cbc(key, zeroPadded, iv))).toBe('ciphertext_not_authentic')
    expect(coded(() => encryptSm4Cbc(randomBytes(32), iv, iv))).toBe('key_unsupported')
  })
})

describe.each(backends)('SM4-GCM %s', (_, gcm) => {
  const cases = vectors.sm4.filter(({ mode }) => mode === 'gcm')

  it('agrees with RFC 8998 and the generated cases', () => {
    expect(cases.length).toBeGreaterThan(5)
    for (const { key, iv = '', aad = '', pt, ct, tag = '', result } of cases) {
      const opened = gcm.openKey(hex(key))
      const open = () => opened.open(hex(iv), hex(ct + tag), hex(aad))
      if (result === 'invalid') expect(coded(open)).toBe('ciphertext_not_authentic')
      else {
        expect(Buffer.from(open()).toString('hex')).toBe(pt)
        const sealed = opened.seal(hex(iv), hex(pt), hex(aad))
        expect(Buffer.from(sealed).toString('hex')).toBe(ct + tag)
      }
    }
  })

  it('opens nothing with one bit changed anywhere', () => {
    const key = randomBytes(16)
    const opened = gcm.openKey(key)
    const [nonce, text, aad] = [randomBytes(12), randomBytes(19), randomBytes(5)]
    const sealed = opened.seal(nonce, text, aad)
    expect(new Uint8Array(opened.open(nonce, sealed, aad))).toEqual(new Uint8Array(text))
    const refused = [
      ...Array.from(flips(sealed), (other) => () => opened.open(nonce, other, aad)),
      ...Array.from(flips(nonce), (other) => () => opened.open(other, sealed, aad)),
      ...Array.from(flips(aad), (other) => () => opened.open(nonce, sealed, other)),
      ...Array.from(flips(key), (other) => () => gcm.openKey(other).open(nonce, sealed, aad)),
    ]
    for (const open of refused) expect(coded(open)).toBe('ciphertext_not_authentic')
  })

  it('refuses short texts, empty nonces and keys of another size', () => {
    const opened = gcm.openKey(randomBytes(16))
    const nonce = randomBytes(12)
    expect(coded(() => opened.open(nonce, randomBytes(15)))).toBe('ciphertext_malformed')
    expect(coded(() => opened.seal(Buffer.alloc(0), nonce))).toBe('key_unsupported')
    expect(coded(() => gcm.openKey(randomBytes(32)))).toBe('key_unsupported')
  })

  it('gives the same for all lengths and nonces as the other backends', () => {
    const key = randomBytes(16)
    const other = openSm4Gcm(undefined, false).openKey(key)
    for (const length of [0, 1, 15, 16, 17, 1000, 32_767, 32_768, 32_769, 70_001]) {
      const [nonce, text, aad] = [
        randomBytes(1 + (length % 40)),
        randomBytes(length),
        randomBytes(length % 70),
      ]
      const sealed = gcm.openKey(key).seal(nonce, text, aad)
      expect(Buffer.compare(sealed, other.seal(nonce, text, aad))).toBe(0)
    }
  })
})

describe('SM4 blobs', () => {
  const key = openSm4Gcm(wasm).openKey(randomBytes(16))
  const [text, aad] = [Buffer.from('text'), Buffer.from('row 1')]
  const blob = sealSm4Blob(key, text, aad, randomBytes)

  it('open under the same key and context only, with no bit changed', () => {
    expect(Buffer.compare(openSm4Blob(key, blob, aad), text)).toBe(0)
    expect(coded(() => openSm4Blob(key, blob, Buffer.from('row 2')))).toBe('blob_not_authentic')
    const other = openSm4Gcm(wasm).openKey(randomBytes(16))
    expect(coded(() => openSm4Blob(other, blob, aad))).toBe('blob_not_authentic')
    for (const changed of flips(blob))
      expect(coded(() => openSm4Blob(key, changed, aad))).toMatch(/^blob_/)
    expect(coded(() => openSm4Blob(key, blob.subarray(0, 28), aad))).toBe('blob_malformed')
  })

  it('are not the blobs of AES', () => {
    const aes = sealBlob(randomBytes(32), text, aad)
    expect(coded(() => openSm4Blob(key, aes, aad))).toBe('blob_malformed')
    expect(coded(() => openBlob(randomBytes(32), blob, aad))).toBe('blob_malformed')
  })
})

describe('GHASH', () => {
  it('is the same in WebAssembly and in JavaScript', () => {
    for (let i = 0; i < 200; i++) {
      const key = randomBytes(16)
      const texts = [randomBytes(i % 37), randomBytes(i * 7), randomBytes(16)]
      expect(Buffer.compare(wasmGhash(wasm)(key, texts), tableGhash(key, texts))).toBe(0)
    }
  })

  it('counts blocks in 32 bits, as GCM wants and sm4-ctr does not', () => {
    const key = randomBytes(16)
    const block = (input: Uint8Array) => createCipheriv('sm4-ecb', key, null).update(input)
    const first = Buffer.concat([randomBytes(12), hex('fffffffe')])
    const nonce = nonceFor(first, block(Buffer.alloc(16)))
    const gcm = openSm4Gcm(wasm, false).openKey(key)
    const sealed = gcm.seal(nonce, Buffer.alloc(64))
    const expected = ['ffffffff', '00000000', '00000001', '00000002'].map((low) =>
      block(Buffer.concat([first.subarray(0, 12), hex(low)])),
    )
    expect(Buffer.compare(sealed.subarray(0, 64), Buffer.concat(expected))).toBe(0)
    expect(Buffer.compare(gcm.open(nonce, sealed), Buffer.alloc(64))).toBe(0)
  })
})

/** The nonce of 16 bytes whose first counter this is: J0 = (N H + L) H in GF(2^128), solved for N. */
const nonceFor = (first: Uint8Array, hashKey: Uint8Array): Buffer => {
  const inverse = power(toField(hashKey), (1n << 128n) - 2n)
  const nonce = multiply(multiply(toField(first), inverse) ^ 128n, inverse)
  return Buffer.from(nonce.toString(16).padStart(32, '0'), 'hex')
}

const toField = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** Bit 127 of the number is the coefficient of 1, as in SP 800-38D. */
const multiply = (x: bigint, y: bigint): bigint => {
  let z = 0n
  for (let i = 127n, v = y; i >= 0n; i--) {
    if (((x >> i) & 1n) === 1n) z ^= v
    v = (v & 1n) === 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n
  }
  return z
}

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n << 127n
  for (let bit = 127n; bit >= 0n; bit--) {
    result = multiply(result, result)
    if (((exponent >> bit) & 1n) === 1n) result = multiply(result, base)
  }
  return result
}
