import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeyCache, readPublicKey } from '../../src/crypto/key-cache.ts'
import { isKnownAlgorithm, verifySignature } from '../../src/crypto/verify-signature.ts'
import { flips } from './coded.ts'

const bytes = Buffer.from('照面信息')
const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' })
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const [p256, p384, p521] = [ec('P-256'), ec('P-384'), ec('P-521')]
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING }
const p1363 = { dsaEncoding: 'ieee-p1363' } as const

const made = [
  {
    alg: 'ES256',
    pair: p256,
    signature: sign('sha256', bytes, { key: p256.privateKey, ...p1363 }),
  },
  {
    alg: 'ES384',
    pair: p384,
    signature: sign('sha384', bytes, { key: p384.privateKey, ...p1363 }),
  },
  {
    alg: 'ES512',
    pair: p521,
    signature: sign('sha512', bytes, { key: p521.privateKey, ...p1363 }),
  },
  { alg: 'EdDSA', pair: ed, signature: sign(null, bytes, ed.privateKey) },
  { alg: 'Ed25519', pair: ed, signature: sign(null, bytes, ed.privateKey) },
  ...([256, 384, 512] as const).flatMap((n) => [
    {
      ...{ alg: `RS${String(n)}`, pair: rsa },
      signature: sign(`sha${String(n)}`, bytes, rsa.privateKey),
    },
    {
      ...{ alg: `PS${String(n)}`, pair: rsa },
      signature: sign(`sha${String(n)}`, bytes, {
        ...{ key: rsa.privateKey, ...pss, saltLength: n / 8 },
      }),
    },
  ]),
]

describe.each(made)('$alg', ({ alg, pair, signature }) => {
  const spki = spkiOf(pair.publicKey)

  it('verifies its own signature, and no signature or text with one bit flipped', () => {
    expect(verifySignature({ alg, spki, bytes, signature })).toBe(true)
    const [text = bytes] = flips(bytes)
    expect(verifySignature({ alg, spki, bytes: text, signature })).toBe(false)
    for (const changed of [...flips(signature)].filter((_, n) => n % 7 === 0))
      expect(verifySignature({ alg, spki, bytes, signature: changed })).toBe(false)
  })

  it('verifies under no other algorithm and no other key type', () => {
    for (const other of made) {
      const isSame = other.alg === alg || (other.pair === ed && pair === ed)
      expect(verifySignature({ alg: other.alg, spki, bytes, signature })).toBe(isSame)
      const claim = { alg, spki: spkiOf(other.pair.publicKey), bytes, signature }
      expect(verifySignature(claim)).toBe(other.pair === pair)
    }
  })

  it('refuses a longer, a shorter and an empty signature', () => {
    for (const wrong of [
      Buffer.concat([signature, Buffer.of(0)]),
      Buffer.concat([Buffer.of(0), signature]),
      signature.subarray(1),
      Buffer.of(),
    ])
      expect(verifySignature({ alg, spki, bytes, signature: wrong })).toBe(false)
  })
})

it('takes no DER signature for r‖s', () => {
  const spki = spkiOf(p256.publicKey)
  const signature = sign('sha256', bytes, p256.privateKey)
  expect(verifySignature({ alg: 'ES256', spki, bytes, signature })).toBe(false)
})

it('takes a PSS signature only with a salt as long as the hash', () => {
  const spki = spkiOf(rsa.publicKey)
  const signature = sign('sha256', bytes, { key: rsa.privateKey, ...pss, saltLength: 20 })
  expect(verifySignature({ alg: 'PS256', spki, bytes, signature })).toBe(false)
})

it('says false, not an error, for a PSS key that is bound to another hash', () => {
  const bound = generateKeyPairSync('rsa-pss', {
    ...{ modulusLength: 2048, hashAlgorithm: 'sha512', mgf1HashAlgorithm: 'sha512' },
  })
  const claim = { alg: 'PS256', spki: spkiOf(bound.publicKey), bytes, signature: Buffer.alloc(256) }
  expect(verifySignature(claim)).toBe(false)
})

it('refuses what is no key, an unknown algorithm and RSA below 2048 bits', () => {
  const signature = Buffer.alloc(64)
  expect(verifySignature({ alg: 'ES256', spki: Buffer.from('x'), bytes, signature })).toBe(false)
  for (const alg of ['none', '', 'es256', 'HS256', 'ES256K', 'RS1', 'SM2-SM3', 'constructor'])
    expect(verifySignature({ alg, spki: spkiOf(p256.publicKey), bytes, signature })).toBe(false)
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const claim = {
    spki: spkiOf(weak.publicKey),
    bytes,
    signature: sign('sha256', bytes, weak.privateKey),
  }
  expect(verifySignature({ alg: 'RS256', ...claim })).toBe(false)
})

it('asks a further verifier for its own algorithm only', () => {
  const verifiers = new Map([
    ['SM2-SM3', () => true],
    ['ES256', () => true],
  ])
  const claim = { spki: spkiOf(p256.publicKey), bytes, signature: Buffer.alloc(64) }
  expect(verifySignature({ alg: 'SM2-SM3', ...claim }, { verifiers })).toBe(true)
  expect(verifySignature({ alg: 'ES256', ...claim }, { verifiers })).toBe(false)
  expect(isKnownAlgorithm('SM2-SM3', { verifiers })).toBe(true)
  expect(isKnownAlgorithm('SM2-SM3')).toBe(false)
})

describe('the key cache', () => {
  const spkis = [p256, p384, p521].map(({ publicKey }) => spkiOf(publicKey))

  it('gives one object for equal bytes, and the verdict that no cache gives', () => {
    const keys = createKeyCache()
    for (const spki of spkis) expect(keys.read(spki)).toBe(keys.read(Buffer.from(spki)))
    for (const { alg, pair, signature } of made)
      expect(
        verifySignature({ alg, spki: spkiOf(pair.publicKey), bytes, signature }, { keys }),
      ).toBe(true)
  })

  it('forgets the key that was unused longest, and never keeps what is no key', () => {
    const [a = Buffer.of(), b = Buffer.of(), c = Buffer.of()] = spkis
    const keys = createKeyCache(2)
    const [first, second] = [keys.read(a), keys.read(b)]
    expect(keys.read(a)).toBe(first)
    keys.read(c)
    expect(keys.read(a)).toBe(first)
    expect(keys.read(b)).not.toBe(second)
    expect(keys.read(Buffer.from('no key'))).toBeUndefined()
  })

  it('tells kinds apart', () => {
    const kinds = [p256, p384, p521, ed, rsa].map(
      (pair) => readPublicKey(spkiOf(pair.publicKey))?.kind,
    )
    expect(kinds).toEqual(['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA'])
    expect(readPublicKey(spkiOf(ec('secp256k1').publicKey))?.kind).toBe('other')
  })
})
