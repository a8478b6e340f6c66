import { createPrivateKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  decryptPkcs8,
  encryptPkcs8,
  readEncryptedPkcs8,
} from '../../../src/crypto/sm2/encrypted-pkcs8.ts'
import { createPlainSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import {
  readSm2PublicKeyPem,
  writeSm2PublicKeyPem,
} from '../../../src/crypto/sm2/public-key-pem.ts'
import { writeSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { readSm2PrivateKey } from '../../../src/crypto/sm2/read-private-key.ts'
import {
  writeEncryptedSm2PrivateKeyPem,
  writeSm2PrivateKey,
  writeSm2PrivateKeyPem,
} from '../../../src/crypto/sm2/write-private-key.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from './backends.ts'
import { derOf, signatures } from './gm-vectors.ts'

const engine = createPlainSm2Engine({ random: randomBytes, wasm })
const pem = signatures.keys[0]?.private ?? ''
const key = readSm2PrivateKey(engine, pem)

describe('key files', () => {
  it('of OpenSSL are read, and written the same', () => {
    expect(Buffer.from(writeSm2Spki(key.publicKey))).toEqual(
      derOf(signatures.keys[0]?.public ?? ''),
    )
    expect(writeSm2PrivateKeyPem(key)).toBe(pem.endsWith('\n') ? pem : `${pem}\n`)
    expect(readSm2PrivateKey(engine, derOf(pem))).toEqual(key)
  })

  it('of public keys are read and written the same, and never taken for private ones', () => {
    const text = writeSm2PublicKeyPem(key.publicKey)
    expect(text.trim()).toBe(signatures.keys[0]?.public.trim())
    expect(readSm2PublicKeyPem(text)).toEqual(key.publicKey)
    expect(coded(() => readSm2PublicKeyPem(pem))).toBe('key_unsupported')
    expect(coded(() => readSm2PrivateKey(engine, text))).toBe('key_unsupported')
    for (const bad of [
      '',
      'text',
      text + text,
      text.replace('END PUBLIC', 'END PRIVATE'),
      text.replace('M', '*'),
    ])
      expect(coded(() => readSm2PublicKeyPem(bad))).toBe('key_malformed')
  })

  it.each(['gm', 'aes'] as const)(
    'are encrypted with %s algorithms, and opened again',
    (wrapping) => {
      const options = { wrapping, iterations: 1000 }
      const text = writeEncryptedSm2PrivateKeyPem(engine, key, '口令', options)
      expect(readSm2PrivateKey(engine, text, '口令')).toEqual(key)
      expect(coded(() => readSm2PrivateKey(engine, text))).toBe('key_unsupported')
      const wrong = coded(() => readSm2PrivateKey(engine, text, '口令 '))
      expect(wrong).toBe('ciphertext_not_authentic')
    },
  )

  it('are encrypted in a form that OpenSSL opens', () => {
    const options = { wrapping: 'aes', iterations: 1000 } as const
    const text = writeEncryptedSm2PrivateKeyPem(engine, key, 'secret', options)
    const opened = createPrivateKey({ key: text, format: 'pem', passphrase: 'secret' })
    const der = opened.export({ format: 'der', type: 'pkcs8' })
    expect(readSm2PrivateKey(engine, der)).toEqual(key)
  })

  it('are refused with any bit changed that matters', () => {
    const file = writeSm2PrivateKey(key)
    for (const other of flips(file)) {
      const code = coded(() => readSm2PrivateKey(engine, other))
      expect(['key_malformed', 'key_mismatch', 'key_unsupported']).toContain(code)
    }
  })

  it('say of every wrong passphrase that it is wrong, also where the padding happens to be right', () => {
    const der = encryptPkcs8(writeSm2PrivateKey(key), 'x', { random: randomBytes, iterations: 1 })
    const codes = Array.from({ length: 3000 }, (_, i) =>
      coded(() => decryptPkcs8(der, `wrong ${String(i)}`)),
    )
    expect(new Set(codes)).toEqual(new Set(['ciphertext_not_authentic']))
  })

  it('that would keep the process busy are refused before any work is done', () => {
    const options = { random: randomBytes, iterations: 0x010001 }
    const der = Buffer.from(encryptPkcs8(writeSm2PrivateKey(key), 'x', options))
    const at = der.indexOf(Buffer.from('0203010001', 'hex')) + 2
    der.writeUIntBE(2_000_000, at, 3)
    expect(readEncryptedPkcs8(der).derivation.iterations).toBe(2_000_000)
    der.writeUIntBE(2_000_001, at, 3)
    expect(coded(() => readEncryptedPkcs8(der))).toBe('key_unsupported')
  })

  it('of hostile schemes are refused before any work is done', () => {
    const der = derOf(writeEncryptedSm2PrivateKeyPem(engine, key, 'x', { iterations: 1 }))
    const hostile = Buffer.from(der)
    const at = hostile.indexOf(Buffer.from('02010130', 'hex'))
    expect(at).toBeGreaterThan(0)
    hostile[at + 2] = 0
    expect(coded(() => readSm2PrivateKey(engine, hostile, 'x'))).toBe('key_unsupported')
  })
})
