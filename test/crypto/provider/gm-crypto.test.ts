import { randomBytes, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CryptoError } from '../../../src/crypto/crypto-error.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { GmKey } from '../../../src/crypto/provider/gm-key.ts'
import { rawSignatureOrEmpty } from '../../../src/crypto/sm2/signature-der.ts'
import { derOf, hex, signatures, vectors } from '../sm2/gm-vectors.ts'

const gm = await openGmCrypto({ random: randomBytes })
const { subtle } = gm.webcrypto
const message = Buffer.from('message')
const sm2 = { name: 'SM2' }

const codeOf = async (action: Promise<unknown>): Promise<string | undefined> => {
  try {
    await action
    return undefined
  } catch (error) {
    return error instanceof CryptoError ? error.code : String(error)
  }
}

const pair = async () => {
  const keys: unknown = await subtle.generateKey(sm2, true, [
    'sign',
    'verify',
    'encrypt',
    'decrypt',
  ])
  const { privateKey, publicKey } = keys as { privateKey: GmKey; publicKey: GmKey }
  return { privateKey, publicKey }
}

describe('SM2 in WebCrypto', () => {
  it('signs and verifies, with another user id, too', async () => {
    const { privateKey, publicKey } = await pair()
    const signature = await subtle.sign(sm2, privateKey, message)
    expect(signature.byteLength).toBe(64)
    expect(await subtle.verify('sm2', publicKey, signature, message)).toBe(true)
    expect(await subtle.verify(sm2, publicKey, signature, Buffer.from('x'))).toBe(false)
    const named = { ...sm2, id: Buffer.from('other') }
    expect(await subtle.verify(named, publicKey, signature, message)).toBe(false)
    const special = await subtle.sign(named, privateKey, message)
    expect(await subtle.verify(named, publicKey, special, message)).toBe(true)
  })

  it('exports and imports keys as raw, SPKI and PKCS #8', async () => {
    const { privateKey, publicKey } = await pair()
    const pkcs8 = await subtle.exportKey('pkcs8', privateKey)
    const again = await subtle.importKey('pkcs8', pkcs8, sm2, false, ['sign'])
    const signature = await subtle.sign(sm2, again, message)
    for (const format of ['raw', 'spki'] as const) {
      const exported = await subtle.exportKey(format, publicKey)
      const imported = await subtle.importKey(format, exported, sm2, true, ['verify'])
      expect(await subtle.verify(sm2, imported, signature, message)).toBe(true)
    }
    expect(await codeOf(subtle.exportKey('pkcs8', again))).toBe('key_unsupported')
    expect(await codeOf(subtle.exportKey('jwk', publicKey))).toBe('algorithm_unsupported')
  })

  it('agrees with OpenSSL about its signatures', async () => {
    for (const { key, id, msgHex, signature, result } of signatures.cases) {
      if (id !== '1234567812345678') continue
      const spki = derOf(signatures.keys[key]?.public ?? '')
      const der = Buffer.from(signature, 'base64')
      expect(gm.verifiers.verifyDer(spki, hex(msgHex), der)).toBe(result === 'valid')
      const imported = await subtle.importKey('spki', spki, sm2, true, ['verify'])
      const raw = rawSignatureOrEmpty(der)
      expect(await subtle.verify(sm2, imported, raw, hex(msgHex))).toBe(result === 'valid')
    }
  })

  it('encrypts and decrypts', async () => {
    const { privateKey, publicKey } = await pair()
    for (const form of ['der', 'raw'] as const) {
      const algorithm = { ...sm2, form }
      const sealed = await subtle.encrypt(algorithm, publicKey, message)
      expect(Buffer.from(await subtle.decrypt(algorithm, privateKey, sealed))).toEqual(message)
    }
  })

  it('refuses keys of another use or algorithm, and other forms of keys', async () => {
    const { privateKey, publicKey } = await pair()
    expect(await codeOf(subtle.sign(sm2, publicKey, message))).toBe('key_mismatch')
    expect(await codeOf(subtle.verify(sm2, privateKey, message, message))).toBe('key_mismatch')
    expect(await codeOf(subtle.sign('HMAC', privateKey, message))).toBe('key_mismatch')
    expect(await codeOf(subtle.sign('ECDSA', privateKey, message))).toBe('key_mismatch')
    const p256 = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    const spki = await subtle.exportKey('spki', p256.publicKey)
    expect(await codeOf(subtle.importKey('spki', spki, sm2, true, []))).toBe('key_unsupported')
    expect(await codeOf(subtle.sign(sm2, p256.privateKey, message))).toMatch(/Error/)
    expect(await codeOf(subtle.importKey('jwk', {}, sm2, true, []))).toBe('algorithm_unsupported')
  })
})

describe('uses', () => {
  it('are of the kind of key: no cipher key authenticates, no MAC key encrypts', async () => {
    const { privateKey, publicKey } = await pair()
    const [pkcs8, spki] = await Promise.all([
      subtle.exportKey('pkcs8', privateKey),
      subtle.exportKey('spki', publicKey),
    ])
    const secret = randomBytes(16)
    const hmac = { name: 'HMAC', hash: 'SM3' }
    const uses = ['sign', 'verify', 'encrypt', 'decrypt', 'wrapKey', 'deriveBits'] as const
    for (const [format, data, algorithm, possible] of [
      ['pkcs8', pkcs8, sm2, ['sign', 'decrypt']],
      ['spki', spki, sm2, ['verify', 'encrypt']],
      ['raw', secret, { name: 'SM4-CBC' }, ['encrypt', 'decrypt']],
      ['raw', secret, { name: 'SM4-GCM' }, ['encrypt', 'decrypt']],
      ['raw', secret, hmac, ['sign', 'verify']],
    ] as const) {
      const codes = await Promise.all(
        uses.map((use) => codeOf(subtle.importKey(format, data, algorithm, true, [use]))),
      )
      const taken = uses.filter((_, at) => codes[at] === undefined)
      expect([algorithm.name, taken]).toEqual([algorithm.name, possible])
    }
  })
})

describe('SM3 and SM4 in WebCrypto', () => {
  it('digests', async () => {
    for (const { msgText, digest } of vectors.sm3) {
      if (msgText === undefined) continue
      const made = await subtle.digest('SM3', Buffer.from(msgText))
      expect(Buffer.from(made).toString('hex')).toBe(digest)
    }
  })

  it('authenticates with HMAC-SM3 as node:crypto does', async () => {
    const hmac = { name: 'HMAC', hash: 'SM3' }
    const key = await subtle.importKey('raw', Buffer.from('key'), hmac, true, ['sign', 'verify'])
    const tag = await subtle.sign('HMAC', key, message)
    expect(tag.byteLength).toBe(32)
    expect(await subtle.verify('HMAC', key, tag, message)).toBe(true)
    expect(await subtle.verify('HMAC', key, tag.slice(1), message)).toBe(false)
    expect(key).toBeInstanceOf(GmKey)
    const generated: unknown = await subtle.generateKey(hmac, true, ['sign'])
    expect(generated).toMatchObject({ algorithm: { name: 'HMAC', length: 256 } })
  })

  it.each(['SM4-CBC', 'SM4-GCM'])('encrypts and decrypts with %s', async (name) => {
    const generated: unknown = await subtle.generateKey({ name }, true, ['encrypt', 'decrypt'])
    const key = generated as GmKey
    const iv = randomBytes(16)
    const sealed = await subtle.encrypt({ name, iv }, key, message)
    expect(Buffer.from(await subtle.decrypt({ name, iv }, key, sealed))).toEqual(message)
    const raw = await subtle.exportKey('raw', key)
    expect(raw.byteLength).toBe(16)
    const bad = await codeOf(subtle.decrypt({ name, iv }, key, sealed.slice(0, 15)))
    expect(['ciphertext_not_authentic', 'ciphertext_malformed']).toContain(bad)
    expect(await codeOf(subtle.encrypt(name, key, message))).toBe('algorithm_unsupported')
    expect(await codeOf(subtle.importKey('raw', Buffer.alloc(5), { name }, true, []))).toBe(
      'key_unsupported',
    )
  })
})

describe('everything else', () => {
  it('is WebCrypto', async () => {
    const made = await subtle.digest('SHA-256', message)
    expect(made).toEqual(await webcrypto.subtle.digest('SHA-256', message))
    const keys = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    const ecdsa = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await subtle.sign(ecdsa, keys.privateKey, message)
    expect(await subtle.verify(ecdsa, keys.publicKey, signature, message)).toBe(true)
    const jwk = await subtle.exportKey('jwk', keys.publicKey)
    expect(jwk.crv).toBe('P-256')
    expect(gm.webcrypto.getRandomValues(new Uint8Array(4))).toHaveLength(4)
    expect(gm.webcrypto.randomUUID()).toHaveLength(36)
    const hkdf = await subtle.importKey('raw', message, 'HKDF', false, ['deriveBits'])
    const options = { name: 'HKDF', hash: 'SHA-256', salt: message, info: message }
    expect((await subtle.deriveBits(options, hkdf, 128)).byteLength).toBe(16)
  })
})

describe('the report', () => {
  it('names the backends and owns up to what is not constant-time', async () => {
    expect(gm.report).toMatchObject({ sm2Verify: 'wasm', sm2Sign: 'wasm', isConstantTime: true })
    const plain = await openGmCrypto({ random: randomBytes, useWasm: false })
    expect(plain.report).toMatchObject({ sm2Verify: 'js', sm2Sign: 'js', isConstantTime: false })
  })
})
