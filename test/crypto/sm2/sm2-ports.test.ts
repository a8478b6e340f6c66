import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openNote } from '../../../src/crypto/open-note.ts'
import { signNote } from '../../../src/crypto/sign-note.ts'
import { loadSigner } from '../../../src/crypto/sm2/load-signer.ts'
import { bytesToNumber, sm2Curve } from '../../../src/crypto/sm2/curve.ts'
import { identityDigest, sm2MessageDigest } from '../../../src/crypto/sm2/message-digest.ts'
import { createPlainSm2Engine, openSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import { writeSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { sm2SignatureVerifiers } from '../../../src/crypto/sm2/signature-verifier.ts'
import { sm2SignatureToDer } from '../../../src/crypto/sm2/signature-der.ts'
import { sm2NoteSigner, sm2Signer } from '../../../src/crypto/sm2/sm2-signer.ts'
import { writeSm2PrivateKeyPem } from '../../../src/crypto/sm2/write-private-key.ts'
import { makeRoot } from '../../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../../src/trust/issuing-key.ts'
import { sm2IssuingKey } from '../../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../../src/trust/write-name.ts'
import { verifySignature } from '../../../src/crypto/verify-signature.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from './backends.ts'
import { derOf, readVector } from './gm-vectors.ts'

const engine = createPlainSm2Engine({ random: randomBytes, wasm })
const { verifyRaw, verifyDer } = sm2SignatureVerifiers(engine)
const context = { verifiers: new Map([['SM2-SM3', verifyRaw]]) }
const key = engine.generateKey()
const spki = writeSm2Spki(key.publicKey)
const bytes = Buffer.from('message')
const signature = engine.sign(key, bytes)
const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') }
const { certificate } = await makeRoot({
  subject: writeName({ commonName: 'SM2' }),
  key: sm2IssuingKey(engine, key),
  validity,
  random: randomBytes,
})

describe('verifySignature with SM2-SM3', () => {
  const claim = { alg: 'SM2-SM3', spki, bytes, signature }

  it('is true for our signatures and false for any bit changed', () => {
    expect(verifySignature(claim, context)).toBe(true)
    for (const other of flips(signature))
      expect(verifySignature({ ...claim, signature: other }, context)).toBe(false)
    for (const other of flips(bytes))
      expect(verifySignature({ ...claim, bytes: other }, context)).toBe(false)
    for (const other of flips(spki))
      expect(verifySignature({ ...claim, spki: other }, context)).toBe(false)
  })

  it('is false without the verifier, under another name, and with a key of another algorithm', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const other = p256.export({ format: 'der', type: 'spki' })
    expect(verifySignature(claim)).toBe(false)
    expect(verifySignature({ ...claim, alg: 'ES256' }, context)).toBe(false)
    expect(verifySignature({ ...claim, spki: other }, context)).toBe(false)
    expect(verifySignature({ ...claim, spki: Buffer.alloc(91) }, context)).toBe(false)
    expect(verifySignature({ ...claim, signature: sm2SignatureToDer(signature) }, context)).toBe(
      false,
    )
    expect(verifyDer(spki, bytes, signature)).toBe(false)
    expect(verifyDer(spki, bytes, sm2SignatureToDer(signature))).toBe(true)
  })
})

describe('user ids', () => {
  it('must be the same on both sides', () => {
    const claim = { key: key.publicKey, message: bytes }
    const id = Buffer.from('ALICE123@YAHOO.COM')
    const special = engine.sign(key, bytes, id)
    expect(engine.isSigned({ ...claim, signature: special, id })).toBe(true)
    expect(engine.isSigned({ ...claim, signature: special })).toBe(false)
    expect(engine.isSigned({ ...claim, signature, id })).toBe(false)
    expect(engine.isSigned({ ...claim, signature, id: Buffer.alloc(0) })).toBe(false)
  })
})

describe('the signer port', () => {
  it('signs under SM2-SM3 with the certificate of its own key only', async () => {
    const signer = sm2Signer(engine, key, [certificate])
    expect(signer.alg).toBe('SM2-SM3')
    const made = await signer.sign(bytes)
    expect(verifySignature({ alg: signer.alg, spki, bytes, signature: made }, context)).toBe(true)
    expect(coded(() => sm2Signer(engine, key, []))).toBe('key_mismatch')
    const other = derOf(readVector('certs/a-leaf.pem').toString('latin1'))
    expect(coded(() => sm2Signer(engine, key, [other]))).toBe('key_mismatch')
    const mention = Buffer.concat([Buffer.from('head'), spki, Buffer.from('tail')])
    expect(coded(() => sm2Signer(engine, key, [mention]))).toBe('key_mismatch')
  })

  it('is loaded for the algorithm that the key file names', async () => {
    expect(loadSigner(engine, writeSm2PrivateKeyPem(key), [certificate]).alg).toBe('SM2-SM3')
    const p256 = generateP256Key()
    const root = await makeRoot({
      subject: writeName({ commonName: 'P-256' }),
      key: p256.key,
      validity,
      random: randomBytes,
    })
    expect(loadSigner(engine, p256.privateKeyPem, [root.certificate]).alg).toBe('ES256')
    expect(coded(() => loadSigner(engine, p256.privateKeyPem, [certificate]))).toBe('key_mismatch')
    expect(coded(() => loadSigner(engine, 'text', [certificate]))).toBe('key_unsupported')
  })

  it('adds a line to a note, which only the SM2 verifier opens', async () => {
    const signer = sm2NoteSigner(engine, key, 'gateway.example/log')
    const note = await signNote('gateway.example/log\n1\n', [signer])
    expect(openNote(note, [signer.key], context).verified).toMatchObject([{ type: 'sm2-sm3' }])
    expect(coded(() => openNote(note, [signer.key]))).toBe('signature_invalid')
  })
})

describe.each([
  ['wasm', wasm],
  ['js', undefined],
])('a random source that repeats, under %s', (_, module) => {
  const stuck = (length: number): Uint8Array => Buffer.alloc(length, 7)
  const repeating = createPlainSm2Engine({ random: stuck, wasm: module })
  const own = engine.importKey(key.secret)
  const n = sm2Curve.n
  /** r - e: the x of kG, the same for the same nonce. */
  const abscissa = (message: Uint8Array): bigint => {
    const signature = repeating.sign(own, message)
    expect(engine.isSigned({ key: own.publicKey, message, signature })).toBe(true)
    const e = bytesToNumber(sm2MessageDigest(identityDigest(own.publicKey), message))
    return (((bytesToNumber(signature.subarray(0, 32)) - e) % n) + n) % n
  }

  it('gives the same nonce for the same message only, which tells nothing', () => {
    const [one, two] = [Buffer.from('one'), Buffer.from('two')]
    expect(abscissa(one)).toBe(abscissa(one))
    expect(abscissa(one)).not.toBe(abscissa(two))
  })
})

describe('opening the engine', () => {
  it('takes WebAssembly before JavaScript, and OpenSSL where it is asked for and there', async () => {
    expect(engine.backends.signing.name).toBe('wasm')
    expect(createPlainSm2Engine({ random: randomBytes }).backends.verifying.name).toBe('js')
    const js = await openSm2Engine({ random: randomBytes, wasm, signing: 'js' })
    expect([js.backends.verifying.name, js.backends.signing.name]).toEqual(['wasm', 'js'])
    const openssl = await openSm2Engine({ random: randomBytes, wasm, signing: 'openssl' })
    expect(['openssl', 'wasm']).toContain(openssl.backends.signing.name)
  })

  it('gives up on a random source without usable numbers', () => {
    expect(() => createPlainSm2Engine({ random: (n) => Buffer.alloc(n), wasm })).toThrow(RangeError)
  })
})
