import type { RandomBytes } from '../../contract/uuid.ts'
import { CryptoError } from '../crypto-error.ts'
import type { Sm2Multiplying, Sm2Signing } from './backend.ts'
import { hedgedNonce, untilUsable } from './nonce.ts'
import { ioAt, type GmWasm } from '../wasm/gm-wasm.ts'

/**
 * Signs in WebAssembly, at masked tables and without a branch on a secret (assembly/multiply.ts). The
 * secret enters every signature as 1/(1+d), which is worked out once.
 */
export const wasmSigning = (wasm: GmWasm, random: RandomBytes): Sm2Signing => ({
  name: 'wasm',
  openKey: (secret) => {
    const factor = prepare(wasm, secret).factor
    return (digest) =>
      untilUsable(() => {
        const nonce = hedgedNonce(random, factor, digest)
        return nonce && attempt(wasm, factor, digest, nonce)
      })
  },
})

/** Multiplies in WebAssembly with the same care. */
export const wasmMultiplying = (wasm: GmWasm): Sm2Multiplying => ({
  name: 'wasm',
  publicPoint: (secret) => {
    const io = wasm.io()
    io.set(secret, ioAt.scalar)
    return take(io, wasm.exports.prepareKey(), ioAt.point, 64)
  },
  multiply: (secret, { point }) => {
    const io = wasm.io()
    io.set(secret, ioAt.scalar)
    io.set(point, ioAt.point)
    return take(io, wasm.exports.multiply(), ioAt.point, 64)
  },
})

const prepare = (wasm: GmWasm, secret: Uint8Array): { readonly factor: Uint8Array } => {
  const io = wasm.io()
  io.set(secret, ioAt.scalar)
  const factor = take(io, wasm.exports.prepareKey(), ioAt.factor, 32)
  if (factor === undefined) throw new CryptoError('key_malformed', 'secret number out of range')
  return { factor }
}

/** One signature with the nonce given; undefined when this nonce must not be used. */
export const attempt = (
  wasm: GmWasm,
  factor: Uint8Array,
  digest: Uint8Array,
  nonce: Uint8Array,
): Uint8Array | undefined => {
  const io = wasm.io()
  io.set(digest, ioAt.digest)
  io.set(nonce, ioAt.scalar)
  io.set(factor, ioAt.factor)
  nonce.fill(0)
  return take(io, wasm.exports.sign(), ioAt.signature, 64)
}

/** Copies a result out and clears all numbers. */
const take = (
  io: Uint8Array,
  good: number,
  offset: number,
  length: number,
): Uint8Array | undefined => {
  const result = good === 1 ? io.slice(offset, offset + length) : undefined
  io.fill(0)
  return result
}
