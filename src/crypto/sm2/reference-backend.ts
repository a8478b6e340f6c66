import type { RandomBytes } from '../../contract/uuid.ts'
import type { Sm2Multiplying, Sm2SignDigest, Sm2Signing, Sm2Verifying } from './backend.ts'
import { bytesToNumber, numberToBytes, sm2Curve, Sm2Point } from './curve.ts'
import { hedgedNonce, untilUsable } from './nonce.ts'
import type { Sm2PublicKey } from './public-key.ts'

const { n } = sm2Curve

/**
 * SM2 in BigInt, by the letter of GB/T 32918: the judge of the other backends and what remains where
 * WebAssembly is switched off. Its secret operations are not constant-time.
 */
export const referenceVerifying: Sm2Verifying = {
  name: 'js',
  isSigned: (key, digest, signature) => {
    if (digest.length !== 32 || signature.length !== 64) return false
    const r = bytesToNumber(signature.subarray(0, 32))
    const s = bytesToNumber(signature.subarray(32))
    const t = modulo(r + s)
    if (!isScalar(r) || !isScalar(s) || t === 0n) return false
    const sum = Sm2Point.BASE.multiplyUnsafe(s).add(pointOf(key).multiplyUnsafe(t))
    return !sum.is0() && modulo(bytesToNumber(digest) + sum.toAffine().x) === r
  },
}

/** Pure JavaScript signing, for want of anything better; not constant-time. */
export const referenceSigning = (random: RandomBytes): Sm2Signing => ({
  name: 'js',
  openKey: (secret) => {
    const d = bytesToNumber(secret)
    return (digest) =>
      untilUsable(() => {
        const nonce = hedgedNonce(random, secret, digest)
        return nonce && signWithNonce(d, digest, bytesToNumber(nonce))
      })
  },
})

/** One attempt at a signature; undefined when this nonce must not be used (GB/T 32918.2 §6.1). */
export const signWithNonce = (
  d: bigint,
  digest: Uint8Array,
  k: bigint,
): ReturnType<Sm2SignDigest> | undefined => {
  if (!isScalar(k)) return undefined
  const r = modulo(bytesToNumber(digest) + Sm2Point.BASE.multiply(k).toAffine().x)
  if (r === 0n || r + k === n) return undefined
  const s = modulo(Sm2Point.Fn.inv(1n + d) * (k - r * d))
  return s === 0n ? undefined : Buffer.concat([numberToBytes(r), numberToBytes(s)])
}

export const referenceMultiplying: Sm2Multiplying = {
  name: 'js',
  publicPoint: (secret) => {
    const d = bytesToNumber(secret)
    return isScalar(d) && d !== n - 1n ? encode(Sm2Point.BASE.multiply(d)) : undefined
  },
  multiply: (secret, point) => {
    const d = bytesToNumber(secret)
    return isScalar(d) ? encode(pointOf(point).multiply(d)) : undefined
  },
}

type Point = typeof Sm2Point.BASE

const pointOf = ({ point }: Sm2PublicKey): Point =>
  Sm2Point.fromAffine({
    x: bytesToNumber(point.subarray(0, 32)),
    y: bytesToNumber(point.subarray(32)),
  })

const encode = (point: Point): Uint8Array => point.toBytes(false).slice(1)

const isScalar = (number: bigint): boolean => number >= 1n && number < n

const modulo = (number: bigint): bigint => ((number % n) + n) % n
