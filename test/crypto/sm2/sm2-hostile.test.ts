import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bytesToNumber, numberToBytes, sm2Curve, Sm2Point } from '../../../src/crypto/sm2/curve.ts'
import { identityDigest } from '../../../src/crypto/sm2/message-digest.ts'
import { readSm2Point, readSm2Spki, writeSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { readSm2Pkcs8, writeSm2Pkcs8 } from '../../../src/crypto/sm2/pkcs8.ts'
import { sm2SignatureFromDer, sm2SignatureToDer } from '../../../src/crypto/sm2/signature-der.ts'
import { coded } from '../coded.ts'
import { multiplyBackends, signBackends, verifyBackends } from './backends.ts'
import { derOf, hex, signatures } from './gm-vectors.ts'

const { n, p, Gx, Gy } = sm2Curve
const mod = (a: bigint): bigint => ((a % n) + n) % n
const pair = (r: bigint, s: bigint): Buffer => Buffer.concat([numberToBytes(r), numberToBytes(s)])
const keyOf = (point: typeof Sm2Point.BASE) => readSm2Point(point.toBytes(false))
const randomScalar = (): bigint => mod(bytesToNumber(randomBytes(32)) | 1n)

/** The digest under which (t - s, s) is a signature of `key`, for sG + tP = sum. */
const digestFor = (s: bigint, t: bigint, sum: typeof Sm2Point.BASE): Uint8Array =>
  numberToBytes(mod(t - s - sum.toAffine().x))

describe.each(verifyBackends)('hostile signatures under %s', (_, backend) => {
  const secret = randomScalar()
  const key = keyOf(Sm2Point.BASE.multiply(secret))
  const digest = randomBytes(32)

  it('are false outside [1, n-1] and for t = 0', () => {
    const inside = randomScalar()
    for (const bad of [0n, n, n + 1n, p, (1n << 256n) - 1n]) {
      expect(backend.isSigned(key, digest, pair(bad, inside))).toBe(false)
      expect(backend.isSigned(key, digest, pair(inside, bad))).toBe(false)
    }
    expect(backend.isSigned(key, digest, pair(inside, n - inside))).toBe(false)
    expect(backend.isSigned(key, digest, pair(1n, n - 1n))).toBe(false)
  })

  it('are false with another length', () => {
    const signature = pair(randomScalar(), randomScalar())
    expect(backend.isSigned(key, digest, signature.subarray(1))).toBe(false)
    expect(backend.isSigned(key, digest, Buffer.concat([signature, Buffer.of(0)]))).toBe(false)
    expect(backend.isSigned(key, digest.subarray(1), signature)).toBe(false)
  })

  it('are decided rightly when sG and tP are the same point', () => {
    for (let i = 0; i < 5; i++) {
      const t = randomScalar()
      const s = mod(t * secret)
      const sum = Sm2Point.BASE.multiply(mod(2n * s))
      const good = digestFor(s, t, sum)
      expect(backend.isSigned(key, good, pair(mod(t - s), s))).toBe(true)
      expect(backend.isSigned(key, digest, pair(mod(t - s), s))).toBe(false)
    }
  })

  it('are false when sG + tP is infinity', () => {
    const t = randomScalar()
    const s = mod(-t * secret)
    for (const guess of [0n, mod(t - s), mod(s - t)])
      expect(backend.isSigned(key, numberToBytes(guess), pair(mod(t - s), s))).toBe(false)
  })

  it('are decided rightly for small and related numbers and keys', () => {
    for (const d of [1n, 2n, 3n, 127n, 128n, 129n, 256n, 257n, n - 2n, n - 3n, 1n << 255n]) {
      const small = keyOf(Sm2Point.BASE.multiply(d))
      for (const t of [1n, 2n, 3n, 128n, 129n, 255n, 256n, 257n, n - 1n, n - 2n, n >> 1n])
        for (const s of [1n, 2n, 127n, 128n, 256n, 384n, n - 1n, n - 256n]) {
          const k = mod(s + t * d)
          if (k === 0n || t === s) continue
          const good = digestFor(s, t, Sm2Point.BASE.multiplyUnsafe(k))
          expect(backend.isSigned(small, good, pair(mod(t - s), s))).toBe(true)
        }
    }
  })

  it('are true for an x between n and p, and not for one that only looks so', () => {
    let x = n
    while (!isAbscissa(x)) x++
    const sum = Sm2Point.fromBytes(Buffer.concat([Buffer.of(2), numberToBytes(x)]))
    const [s, t] = [randomScalar(), randomScalar()]
    const rest = sum.subtract(Sm2Point.BASE.multiply(s))
    const crafted = keyOf(rest.multiply(Sm2Point.Fn.inv(t)))
    const good = numberToBytes(mod(t - s - x))
    expect(backend.isSigned(crafted, good, pair(mod(t - s), s))).toBe(true)
    expect(backend.isSigned(crafted, numberToBytes(mod(t - s - x + 1n)), pair(mod(t - s), s))).toBe(
      false,
    )
  })

  it('take a digest above n as what it is modulo n', () => {
    const t = 5n
    const s = 3n
    const sum = Sm2Point.BASE.multiply(mod(s + t * secret))
    const wanted = bytesToNumber(digestFor(s, t, sum))
    const above = wanted + n
    if (above < 1n << 256n)
      expect(backend.isSigned(key, numberToBytes(above), pair(mod(t - s), s))).toBe(true)
    expect(backend.isSigned(key, numberToBytes(wanted), pair(mod(t - s), s))).toBe(true)
  })
})

const isAbscissa = (x: bigint): boolean => {
  try {
    Sm2Point.fromBytes(Buffer.concat([Buffer.of(2), numberToBytes(x)]))
    return true
  } catch {
    return false
  }
}

describe('keys', () => {
  const spki = derOf(signatures.keys[0]?.public ?? '')
  const pkcs8 = derOf(signatures.keys[0]?.private ?? '')

  it('are read and written as OpenSSL does', () => {
    expect(writeSm2Spki(readSm2Spki(spki))).toEqual(spki)
    const { secret, point } = readSm2Pkcs8(pkcs8)
    expect(point).toEqual(spki.subarray(26))
    expect(writeSm2Pkcs8(secret, spki.subarray(27))).toEqual(pkcs8)
  })

  it('are refused off the curve, at infinity, beyond the field, and in other forms', () => {
    const point = readSm2Spki(spki).point
    const off = Uint8Array.from(point)
    off[63] = (off[63] ?? 0) ^ 1
    const shifted = pair(bytesToNumber(point.subarray(0, 32)), Gy)
    for (const bad of [
      off,
      shifted,
      pair(0n, 0n),
      pair(p, Gy),
      pair(Gx, p + 1n),
      Buffer.of(0),
      Buffer.concat([Buffer.of(6), point]),
      Buffer.concat([Buffer.of(4), point, Buffer.of(0)]),
      Buffer.concat([Buffer.of(2), numberToBytes(p)]),
      Buffer.alloc(0),
    ])
      expect(coded(() => readSm2Point(bad))).toBe('key_malformed')
  })

  it('are read in compressed form', () => {
    const key = readSm2Spki(spki)
    const x = key.point.subarray(0, 32)
    const sign = 2 + ((key.point[63] ?? 0) & 1)
    const compressed = Buffer.concat([Buffer.of(sign), x])
    expect(readSm2Point(compressed)).toEqual(key)
    const head = hex('3039301306072a8648ce3d020106082a811ccf5501822d032200')
    expect(readSm2Spki(Buffer.concat([head, compressed]))).toEqual(key)
  })

  it('are refused with another curve, other parameters, or anything behind', () => {
    const p256 = Buffer.from(spki)
    p256.set(hex('2a8648ce3d030107'), 15)
    for (const bad of [p256, Buffer.concat([spki, Buffer.of(0)]), spki.subarray(0, 90)])
      expect(coded(() => readSm2Spki(bad))).toBe('key_unsupported')
    expect(coded(() => readSm2Pkcs8(Buffer.concat([pkcs8, Buffer.of(0)])))).toBe('key_malformed')
    expect(coded(() => readSm2Pkcs8(pkcs8.subarray(0, 100)))).toBe('key_malformed')
  })

  it.each(multiplyBackends)('exist under %s for [1, n-2] only', (_, { publicPoint, multiply }) => {
    const G = readSm2Point(pair(Gx, Gy))
    for (const bad of [0n, n - 1n, n, (1n << 256n) - 1n])
      expect(publicPoint(numberToBytes(bad))).toBeUndefined()
    for (const bad of [0n, n, (1n << 256n) - 1n])
      expect(multiply(numberToBytes(bad), G)).toBeUndefined()
    expect(publicPoint(numberToBytes(1n))).toEqual(new Uint8Array(G.point))
    expect(multiply(numberToBytes(n - 1n), G)).toEqual(new Uint8Array(pair(Gx, p - Gy)))
  })

  it.each(signBackends)(
    'do not sign under %s when the secret number is out of range',
    (_, sign) => {
      for (const bad of [0n, n - 1n, n])
        if (sign.name !== 'js')
          expect(coded(() => sign.openKey(numberToBytes(bad)))).toBe('key_malformed')
    },
  )
})

describe('multiplication', () => {
  it('is the same under all backends', () => {
    for (let i = 0; i < 20; i++) {
      const point = keyOf(Sm2Point.BASE.multiply(randomScalar()))
      for (const scalar of [
        randomScalar(),
        BigInt(i + 1),
        n - 1n - BigInt(i),
        1n << BigInt(i * 12),
      ]) {
        const results = multiplyBackends.map(([, { multiply }]) =>
          multiply(numberToBytes(scalar), point),
        )
        expect(results[1]).toEqual(results[0])
        const points = multiplyBackends.map(([, b]) => b.publicPoint(numberToBytes(scalar)))
        expect(points[1]).toEqual(points[0])
      }
    }
  })
})

describe('signatures in DER', () => {
  it('come back as they went', () => {
    for (const [r, s] of [
      [1n, n - 1n],
      [255n, 256n],
      [n - 1n, 1n],
    ] as const)
      expect(sm2SignatureFromDer(sm2SignatureToDer(pair(r, s)))).toEqual(pair(r, s))
  })

  it('are refused unless minimal, positive, short and complete', () => {
    for (const bad of [
      '',
      '30',
      '3000',
      '3003020101',
      '300602010102810101',
      '30080202000102020001',
      '3006020181020101',
      '300602010102010100',
      '30810602010102 0101',
      '3080020101020101 0000',
      '3106020101020101',
      '3006030101020101',
      `3026022100${'ff'.repeat(33)}020101`,
      `30270222 0100${'00'.repeat(32)}020101`,
      '3009020101020101020101',
    ])
      expect(coded(() => sm2SignatureFromDer(hex(bad.replaceAll(' ', ''))))).toBe(
        'signature_malformed',
      )
    expect(coded(() => sm2SignatureToDer(Buffer.alloc(63)))).toBe('signature_malformed')
  })
})

describe('user ids', () => {
  it('are refused beyond 16 bits of length', () => {
    const key = keyOf(Sm2Point.BASE)
    expect(identityDigest(key, Buffer.alloc(8191))).toHaveLength(32)
    expect(coded(() => identityDigest(key, Buffer.alloc(8192)))).toBe('user_id_too_long')
  })
})
