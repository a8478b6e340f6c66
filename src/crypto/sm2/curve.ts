import { weierstrass, type WeierstrassOpts } from '@noble/curves/abstract/weierstrass.js'

/** The curve that GB/T 32918.5 recommends; y² = x³ + ax + b over F_p, of prime order n. */
export const sm2Curve: WeierstrassOpts<bigint> = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
}

/** Points of the curve in plain BigInt arithmetic: right, slow, not constant-time. */
export const Sm2Point = weierstrass(sm2Curve)

export const bytesToNumber = (bytes: Uint8Array): bigint =>
  BigInt(`0x0${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`)

/** 32 bytes big-endian of a number in [0, 2^256). */
export const numberToBytes = (number: bigint): Uint8Array =>
  Buffer.from(number.toString(16).padStart(64, '0'), 'hex')
